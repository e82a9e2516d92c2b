/** Precision over recall of one category: the inner part of `accumulate` in pycocotools 2.0.11. */
import { FALSE_SHIFT } from './coco_matching.js';
import type { CategoryOutcomes } from './coco_outcomes.js';
import { AREA_RANGES, IOU_THRESHOLDS, type MaxDetections, RECALL_THRESHOLDS } from './coco_parameters.js';

/** Numbers in row-major order. */
export interface CocoArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/**
 * T overlap thresholds, R recall thresholds, K categories by ascending id, A ranges of sizes, M numbers of detections.
 * -1 where a category has no object in a range.
 */
export interface CocoCurves {
  /** `[T, R, K, A, M]`: the best precision at that recall or beyond, 0 where the recall is not reached. */
  readonly precision: CocoArray;
  /** `[T, K, A, M]`: the largest recall. */
  readonly recall: CocoArray;
  /** `[T, R, K, A, M]`: the score at which that recall is reached, 0 where it is not. */
  readonly scores: CocoArray;
}

const T = IOU_THRESHOLDS.length;
const R = RECALL_THRESHOLDS.length;
const A = AREA_RANGES.length;

/** numpy's `spacing(1)`: keeps 0 / 0 out of the precision. */
const SPACING = Number.EPSILON;

export function emptyCurves(categories: number, maxDetections: MaxDetections): CocoCurves {
  const filled = (...shape: number[]): CocoArray => ({
    shape,
    data: new Float64Array(shape.reduce((product, extent) => product * extent, 1)).fill(-1),
  });
  const M = maxDetections.length;
  return {
    precision: filled(T, R, categories, A, M),
    recall: filled(T, categories, A, M),
    scores: filled(T, R, categories, A, M),
  };
}

/**
 * Writes the curves of one category.
 *
 * @param order rows by descending score.
 * @param objects how many objects count, by range of sizes.
 */
export function writeCurves(
  curves: CocoCurves,
  category: number,
  rows: CategoryOutcomes,
  order: Int32Array,
  objects: ArrayLike<number>,
  maxDetections: MaxDetections,
): void {
  const K = curves.recall.shape[1] ?? 0;
  const M = maxDetections.length;
  const outcomes = new Uint32Array(order.length);
  const precisions = new Float64Array(order.length);
  const scores = new Float64Array(order.length);

  for (let m = 0; m < M; m++) {
    const counted = order.filter((row) => (rows.ranks[row] ?? 0) < (maxDetections[m] ?? 0));
    const first = counted.length === 0 ? 0 : (rows.scores[counted[0] ?? 0] ?? 0);
    for (let a = 0; a < A; a++) {
      const positives = objects[a] ?? 0;
      if (positives === 0) continue;
      counted.forEach((row, i) => {
        outcomes[i] = rows.outcomes[row * A + a] ?? 0;
      });
      for (let t = 0; t < T; t++) {
        // Precision peaks where a detection is right, so that the curve is known from those places alone.
        const right = 1 << t;
        const wrongBit = FALSE_SHIFT + t;
        let found = 0;
        let wrong = 0;
        for (let i = 0; i < counted.length; i++) {
          const outcome = outcomes[i] ?? 0;
          wrong += (outcome >>> wrongBit) & 1;
          if ((outcome & right) === 0) continue;
          scores[found] = rows.scores[counted[i] ?? 0] ?? 0;
          found++;
          precisions[found - 1] = found / (wrong + found + SPACING);
        }
        for (let i = found - 1; i > 0; i--) {
          precisions[i - 1] = Math.max(precisions[i - 1] ?? 0, precisions[i] ?? 0);
        }

        curves.recall.data[((t * K + category) * A + a) * M + m] = found / positives;
        let reached = 0;
        for (let r = 0; r < R; r++) {
          const recall = RECALL_THRESHOLDS[r] ?? 1;
          while (reached < found && (reached + 1) / positives < recall) reached++;
          const at = (((t * R + r) * K + category) * A + a) * M + m;
          curves.precision.data[at] = reached < found ? (precisions[reached] ?? 0) : 0;
          // No recall at all is reached by the first detection, right or wrong.
          curves.scores.data[at] = recall === 0 ? first : reached < found ? (scores[reached] ?? 0) : 0;
        }
      }
    }
  }
}
