/** Precision over recall of one category: the inner part of `accumulate` in pycocotools 2.0.11. */
import { FALSE_SHIFT, WRONG_EVERYWHERE } from './coco_matching.js';
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

/** The detections of one category that count, best score first. */
export interface RankedOutcomes {
  readonly length: number;
  readonly scores: Float64Array;
  /** Place among the detections of its picture, from 0, best score first. */
  readonly ranks: Uint32Array;
  /** `[length, ranges of AREA_RANGES]`, row-major: see `FALSE_SHIFT` in coco_matching. */
  readonly outcomes: Uint32Array;
}

/**
 * What is returned writes the curves of one category after another; `objects` says how many count, by range of sizes.
 * @param maxDetections see `CocoEvaluatorOptions`.
 */
export function createCurveWriter(curves: CocoCurves, maxDetections: MaxDetections) {
  const K = curves.recall.shape[1] ?? 0;
  const M = maxDetections.length;
  const { precision, recall, scores } = curves;
  const hits = createHits();
  const needed = new Float64Array(R);
  let precisions = new Float64Array(0);
  let places = new Uint32Array(0);

  /** At threshold `t`; `at` is where the numbers of recall 0 go. */
  function writeThreshold(t: number, positives: number, first: number, at: number, recallAt: number): void {
    const right = 1 << t;
    const wrongBit = FALSE_SHIFT + t;
    let found = 0;
    let wrong = 0;
    for (let i = 0; i < hits.length; i++) {
      const outcome = hits.outcomes[i] ?? 0;
      wrong += (outcome >>> wrongBit) & 1;
      if ((outcome & right) === 0) continue;
      places[found++] = i;
      precisions[found - 1] = found / (wrong + (hits.wrongBefore[i] ?? 0) + found + SPACING);
    }
    let best = 0;
    for (let i = found - 1; i >= 0; i--) {
      best = Math.max(best, precisions[i] ?? 0);
      precisions[i] = best;
    }
    recall.data[recallAt] = found / positives;
    const stride = K * A * M;
    for (let r = 0; r < R; r++) {
      const reached = (needed[r] ?? 0) - 1;
      const isReached = reached < found;
      precision.data[at + r * stride] = isReached ? (precisions[reached] ?? 0) : 0;
      scores.data[at + r * stride] = isReached ? (hits.scores[places[reached] ?? 0] ?? 0) : 0;
    }
    // No recall at all is reached by the first detection, right or wrong.
    scores.data[at] = first;
  }

  return (category: number, rows: RankedOutcomes, objects: ArrayLike<number>): void => {
    if (precisions.length < rows.length) {
      precisions = new Float64Array(rows.length);
      places = new Uint32Array(rows.length);
    }
    const first = rows.length === 0 ? 0 : (rows.scores[0] ?? 0);
    for (let a = 0; a < A; a++) {
      const positives = objects[a] ?? 0;
      if (positives === 0) continue;
      countNeeded(needed, positives);
      for (let m = 0; m < M; m++) {
        hits.collect(rows, a, maxDetections[m] ?? 0);
        for (let t = 0; t < T; t++) {
          const at = ((t * R * K + category) * A + a) * M + m;
          writeThreshold(t, positives, first, at, ((t * K + category) * A + a) * M + m);
        }
      }
    }
  };
}

/** By recall threshold, the fewest objects found, at least one, that reach it. */
function countNeeded(needed: Float64Array, positives: number): void {
  let count = 1;
  for (let r = 0; r < R; r++) {
    const recall = RECALL_THRESHOLDS[r] ?? 1;
    while (count / positives < recall) count++;
    needed[r] = count;
  }
}

/**
 * Most detections are wrong at every threshold, or count at none. What is left, and how many were wrong everywhere before
 * it, is all that the curves depend on: precision peaks where a detection is right.
 */
function createHits() {
  let capacity = 0;
  const hits = {
    length: 0,
    outcomes: new Uint32Array(0),
    wrongBefore: new Uint32Array(0),
    scores: new Float64Array(0),
    /** Of the detections within `most` of their picture, in one range of sizes. */
    collect({ length, ranks, scores, outcomes }: RankedOutcomes, range: number, most: number): void {
      if (capacity < length) {
        capacity = length;
        hits.outcomes = new Uint32Array(length);
        hits.wrongBefore = new Uint32Array(length);
        hits.scores = new Float64Array(length);
      }
      let count = 0;
      let wrong = 0;
      for (let i = 0; i < length; i++) {
        const outcome = outcomes[i * A + range] ?? 0;
        if (outcome === 0 || (ranks[i] ?? 0) >= most) continue;
        if (outcome === WRONG_EVERYWHERE) {
          wrong++;
          continue;
        }
        hits.outcomes[count] = outcome;
        hits.wrongBefore[count] = wrong;
        hits.scores[count++] = scores[i] ?? 0;
      }
      hits.length = count;
    },
  };
  return hits;
}
