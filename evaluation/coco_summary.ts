/** The twelve figures and the AP by category: `summarize` of pycocotools 2.0.11. */
import type { CocoArray, CocoCurves } from './coco_curves.js';
import {
  AREA_RANGES,
  type AreaRange,
  type CocoStat,
  IOU_THRESHOLDS,
  type MaxDetections,
  RECALL_THRESHOLDS,
} from './coco_parameters.js';
import type { CocoCategory } from './coco_records.js';

export interface CategoryAp {
  readonly id: number;
  readonly name: string;
  /** Over all overlap thresholds and sizes, with the most detections; -1 where the category has no object. */
  readonly AP: number;
}

export interface CocoSummary extends CocoCurves {
  /** Fractions from 0 to 1; -1 where there is nothing to measure, as COCO has it. */
  readonly stats: Readonly<Record<CocoStat, number>>;
  /** By ascending id. */
  readonly perCategory: readonly CategoryAp[];
  /** Pictures, objects and detections that were given. */
  readonly counts: { readonly pictures: number; readonly objects: number; readonly detections: number };
  /** What a person should know beside the numbers; usually nothing. */
  readonly notes: readonly string[];
}

/**
 * With other `maxDetections` than 1, 10 and 100 the names stay, as in pycocotools: `AP` is then taken at 100 detections,
 * -1 where 100 is not among them; AR1, AR10 and AR100 at the first, second and third number; all others at the third.
 */
export function cocoStats(curves: CocoCurves, maxDetections: MaxDetections): Readonly<Record<CocoStat, number>> {
  const last = maxDetections.length - 1;
  const average = (array: CocoArray, at: { area?: AreaRange['name']; iou?: number; m?: number }) => {
    const a = AREA_RANGES.findIndex(({ name }) => name === (at.area ?? 'all'));
    const t = at.iou === undefined ? undefined : IOU_THRESHOLDS.indexOf(at.iou);
    return meanOf(array, { a, t, m: at.m ?? last });
  };
  const { precision, recall } = curves;
  return {
    AP: average(precision, { m: maxDetections.indexOf(100) }),
    AP50: average(precision, { iou: 0.5 }),
    AP75: average(precision, { iou: 0.75 }),
    APs: average(precision, { area: 'small' }),
    APm: average(precision, { area: 'medium' }),
    APl: average(precision, { area: 'large' }),
    AR1: average(recall, { m: 0 }),
    AR10: average(recall, { m: 1 }),
    AR100: average(recall, { m: 2 }),
    ARs: average(recall, { area: 'small' }),
    ARm: average(recall, { area: 'medium' }),
    ARl: average(recall, { area: 'large' }),
  };
}

/** @param categories ascending by id. */
export function categoryAps(
  { precision }: CocoCurves,
  categories: readonly CocoCategory[],
  maxDetections: MaxDetections,
): readonly CategoryAp[] {
  const m = maxDetections.length - 1;
  return categories.map(({ id, name }, k) => ({ id, name, AP: meanOf(precision, { k, a: 0, m }) }));
}

/** Mean of the entries of `[T, …, K, A, M]` that are not -1, at the places given; -1 where there is none. */
function meanOf(
  { shape, data }: CocoArray,
  at: { readonly t?: number | undefined; readonly k?: number; readonly a: number; readonly m: number },
): number {
  const recalls = shape.length === 5 ? RECALL_THRESHOLDS.length : 1;
  const [K = 0, A = 0, M = 0] = shape.slice(-3);
  let sum = 0;
  let count = 0;
  for (let t = at.t ?? 0; t <= (at.t ?? IOU_THRESHOLDS.length - 1); t++) {
    for (let r = 0; r < recalls; r++) {
      for (let k = at.k ?? 0; k <= (at.k ?? K - 1); k++) {
        const value = at.m < 0 ? -1 : (data[(((t * recalls + r) * K + k) * A + at.a) * M + at.m] ?? -1);
        if (value <= -1) continue;
        sum += value;
        count++;
      }
    }
  }
  return count === 0 ? -1 : sum / count;
}
