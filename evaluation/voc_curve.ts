/**
 * Precision by recall and its average, as MMDetection 3's `eval_map` and `average_precision`. Float64 throughout; there
 * precision and AP are rounded to float32, and recall, which decides at the eleven points, is not.
 */
import { Outcome } from './voc_matching.js';

/** `area`: under the curve, as since 2010; `11points`: the mean precision at recalls 0, 0.1 … 1, as until then. */
export type VocMode = 'area' | '11points';

/** After each detection, scores descending: all of one length. An ignored detection repeats what stood before it. */
export interface VocCurve {
  readonly scores: Float64Array;
  /** 0 throughout where there is nothing to find. */
  readonly recall: Float64Array;
  readonly precision: Float64Array;
}

/** All detections of one class; equal scores stay in the order given. `objects` counts what is there to find. */
export function precisionRecall(found: {
  readonly objects: number;
  readonly scores: readonly number[];
  readonly outcomes: readonly Outcome[];
}): VocCurve {
  const order = found.scores.map((_, i) => i).sort((a, b) => (found.scores[b] ?? 0) - (found.scores[a] ?? 0));
  const scores = Float64Array.from(order, (i) => found.scores[i] ?? 0);
  const recall = new Float64Array(order.length);
  const precision = new Float64Array(order.length);
  let hits = 0;
  let misses = 0;
  order.forEach((i, rank) => {
    if (found.outcomes[i] === Outcome.hit) hits++;
    else if (found.outcomes[i] === Outcome.miss) misses++;
    recall[rank] = found.objects === 0 ? 0 : hits / found.objects;
    precision[rank] = hits + misses === 0 ? 0 : hits / (hits + misses);
  });
  return { scores, recall, precision };
}

/** AP under the curve made non-increasing: at each recall the best precision at that recall or beyond. */
export function averagePrecision({ recall, precision }: VocCurve, mode: VocMode): number {
  const envelope = Float64Array.from(precision);
  for (let i = envelope.length - 2; i >= 0; i--) envelope[i] = Math.max(envelope[i] ?? 0, envelope[i + 1] ?? 0);
  if (mode === 'area') {
    return envelope.reduce((area, best, i) => area + ((recall[i] ?? 0) - (recall[i - 1] ?? 0)) * best, 0);
  }
  let sum = 0;
  for (let tenth = 0; tenth <= 10; tenth++) {
    // 3 * 0.1 is above 0.3: a recall of exactly 3/10 does not reach that point, here as in NumPy's arange.
    const reached = recall.findIndex((value) => value >= tenth * 0.1);
    if (reached >= 0) sum += envelope[reached] ?? 0;
  }
  return sum / 11;
}
