/** What COCO's box metric is measured at: the defaults of `Params(iouType='bbox')` in pycocotools 2.0.11. */

/** 0.5, 0.55, … 0.95, to the last bit as numpy's linspace gives them: overlaps of whole-numbered boxes meet them exactly. */
export const IOU_THRESHOLDS: readonly number[] = evenlySpaced(0.5, 0.95, 10);

/** 0, 0.01, … 1, likewise: recalls are ratios of whole numbers and meet them exactly. */
export const RECALL_THRESHOLDS: readonly number[] = evenlySpaced(0, 1, 101);

/** Pixels of an object, or of a detection's box; both ends belong to the range. */
export interface AreaRange {
  readonly name: 'all' | 'small' | 'medium' | 'large';
  readonly from: number;
  readonly to: number;
}

export const AREA_RANGES = [
  { name: 'all', from: 0, to: 1e10 },
  { name: 'small', from: 0, to: 32 ** 2 },
  { name: 'medium', from: 32 ** 2, to: 96 ** 2 },
  { name: 'large', from: 96 ** 2, to: 1e10 },
] as const satisfies readonly AreaRange[];

/** The most detections of one category in one picture that count, ascending. */
export type MaxDetections = readonly [fewest: number, more: number, most: number];

export const MAX_DETECTIONS: MaxDetections = [1, 10, 100];

/** In the order of pycocotools' `stats`. */
export const COCO_STATS = [
  'AP',
  'AP50',
  'AP75',
  'APs',
  'APm',
  'APl',
  'AR1',
  'AR10',
  'AR100',
  'ARs',
  'ARm',
  'ARl',
] as const;

export type CocoStat = (typeof COCO_STATS)[number];

/** numpy's `linspace`: a rounded step times the position, and the end as given. */
function evenlySpaced(from: number, to: number, count: number): readonly number[] {
  const step = (to - from) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? to : i * step + from));
}
