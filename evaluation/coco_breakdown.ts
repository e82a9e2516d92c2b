/** COCO's arrays told by category: curves and AP by size. */
import type { CocoCurves } from './coco_curves.js';
import { AREA_RANGES, type AreaRange, IOU_THRESHOLDS, RECALL_THRESHOLDS } from './coco_parameters.js';

export interface CategoryBreakdown {
  /** Fractions over overlaps 0.5 to 0.95, by size of object; null where there is no object of that size. */
  readonly AP: Readonly<Record<AreaRange['name'], number | null>>;
  readonly AP50: number | null;
  readonly AP75: number | null;
  /** Largest recall, mean over overlaps. */
  readonly AR: number | null;
  /** Best precision from each of the recalls 0, 0.01, … 1 on; empty where there is no object. */
  readonly precision50: readonly number[];
  /** Likewise, mean over overlaps. */
  readonly precisionMean: readonly number[];
}

const T = IOU_THRESHOLDS.length;
const R = RECALL_THRESHOLDS.length;
const A = AREA_RANGES.length;

/** @param category position of the category among the evaluator's, which are by ascending id. */
export function categoryBreakdown({ precision, recall }: CocoCurves, category: number): CategoryBreakdown {
  const [K = 0, M = 0] = [precision.shape[2], precision.shape[4]];
  const at = (t: number, r: number, a: number) =>
    precision.data[(((t * R + r) * K + category) * A + a) * M + M - 1] ?? -1;
  const curve = (thresholds: readonly number[], a: number) =>
    Array.from({ length: R }, (_, r) => meanOf(thresholds.map((t) => at(t, r, a)))).filter((value) => value !== null);
  const all = [...IOU_THRESHOLDS.keys()];
  const at50 = curve([0], 0);
  const overAll = curve(all, 0);
  const ap = (a: number) => meanOf(curve(all, a));
  return {
    AP: { all: meanOf(overAll), small: ap(1), medium: ap(2), large: ap(3) },
    AP50: meanOf(at50),
    AP75: meanOf(curve([5], 0)),
    AR: meanOf(Array.from({ length: T }, (_, t) => recall.data[((t * K + category) * A + 0) * M + M - 1] ?? -1)),
    precision50: at50,
    precisionMean: overAll,
  };
}

/** COCO's -1, nothing to measure, is null here. */
function meanOf(values: readonly number[]): number | null {
  const known = values.filter((value) => value > -1);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
