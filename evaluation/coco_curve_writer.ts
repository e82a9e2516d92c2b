/**
 * Precision over recall of one category after another: the inner part of `accumulate` in pycocotools 2.0.11.
 *
 * Precision peaks where a detection is right, so that a curve is known from those places and from how many detections were
 * wrong before each. Most detections overlap no object: they are wrong at every threshold, and are only counted.
 */
import type { CocoCurves } from './coco_curves.js';
import { FALSE_SHIFT } from './coco_matching.js';
import { AREA_RANGES, IOU_THRESHOLDS, type MaxDetections, RECALL_THRESHOLDS } from './coco_parameters.js';
import { HAS_CANDIDATES, type RankedDetections } from './coco_ranking.js';

const T = IOU_THRESHOLDS.length;
const R = RECALL_THRESHOLDS.length;
const A = AREA_RANGES.length;
const RECALLS = Float64Array.from(RECALL_THRESHOLDS);

/** numpy's `spacing(1)`: keeps 0 / 0 out of the precision. */
const SPACING = Number.EPSILON;

/** Detections with candidates, best score first. */
interface Hits {
  length: number;
  readonly places: Uint32Array;
  /** M times A. */
  readonly inner: number;
  /** `[length, M, A]`: how many detections without candidates were wrong before it. */
  readonly wrongBefore: Uint32Array;
}

/** Those of them that count in one range and number of detections. */
interface CountedHits {
  length: number;
  readonly outcomes: Uint32Array;
  readonly wrongBefore: Uint32Array;
  readonly scores: Float64Array;
}

/** The right ones at one threshold. */
interface RightHits {
  length: number;
  readonly scores: Float64Array;
  /** The best precision at it or behind it. */
  readonly precisions: Float64Array;
}

/**
 * What is returned writes the curves of a category; `objects` says how many count, by range of sizes.
 * @param maxDetections see `CocoEvaluatorOptions`.
 * @param longest how many detections the largest category has.
 */
export function createCurveWriter(curves: CocoCurves, maxDetections: MaxDetections, longest: number) {
  const K = curves.recall.shape[1] ?? 0;
  const M = maxDetections.length;
  const inner = M * A;
  const hits: Hits = {
    length: 0,
    places: new Uint32Array(longest),
    inner,
    wrongBefore: new Uint32Array(longest * inner),
  };
  const counted: CountedHits = {
    length: 0,
    outcomes: new Uint32Array(longest),
    wrongBefore: new Uint32Array(longest),
    scores: new Float64Array(longest),
  };
  const right: RightHits = { length: 0, scores: new Float64Array(longest), precisions: new Float64Array(longest) };
  const needed = new Uint32Array(R);
  // [T, R, A, M]: the category's part of the curves, whose numbers lie far apart there.
  const precision = new Float64Array(T * R * inner);
  const scores = new Float64Array(T * R * inner);

  return (category: number, ranked: RankedDetections, objects: ArrayLike<number>): void => {
    const first = ranked.length === 0 ? 0 : (ranked.scores[0] ?? 0);
    precision.fill(-1);
    scores.fill(-1);
    collectHits(ranked, maxDetections, hits);
    for (let a = 0; a < A; a++) {
      const positives = objects[a] ?? 0;
      if (positives === 0) continue;
      countNeeded(positives, needed);
      for (let m = 0; m < M; m++) {
        countHits(ranked, hits, { a, m, most: maxDetections[m] ?? 0 }, counted);
        for (let t = 0; t < T; t++) {
          findRight(counted, t, right);
          curves.recall.data[((t * K + category) * A + a) * M + m] = right.length / positives;
          const at = (t * R * A + a) * M + m;
          readAtRecalls(needed, right.precisions, right.length, { values: precision, at, step: inner });
          readAtRecalls(needed, right.scores, right.length, { values: scores, at, step: inner });
          // No recall at all is reached by the first detection, right or wrong.
          scores[at] = first;
        }
      }
    }
    place(precision, curves.precision.data, { category, categories: K, inner });
    place(scores, curves.scores.data, { category, categories: K, inner });
  };
}

/** Walks over all detections once. */
function collectHits({ length, ranks, kinds }: RankedDetections, maxDetections: MaxDetections, hits: Hits): void {
  const [fewest, more] = maxDetections;
  // How many were wrong so far, `[M, A]`: by the smallest of the numbers of detections that lets them in.
  const wrong = new Uint32Array(hits.inner);
  let count = 0;
  for (let place = 0; place < length; place++) {
    const kind = kinds[place] ?? 0;
    if (kind === HAS_CANDIDATES) {
      sumUp(wrong, hits.wrongBefore, count * hits.inner);
      hits.places[count++] = place;
    } else {
      const rank = ranks[place] ?? 0;
      const at = rank < fewest ? 0 : rank < more ? A : 2 * A;
      for (let a = 0; a < A; a++) wrong[at + a] = (wrong[at + a] ?? 0) + ((kind >> a) & 1);
    }
  }
  hits.length = count;
}

/** Running sums over M of `[M, A]`, written from `at` on. */
function sumUp(counts: Uint32Array, sums: Uint32Array, at: number): void {
  for (let a = 0; a < A; a++) sums[at + a] = counts[a] ?? 0;
  for (let i = A; i < counts.length; i++) sums[at + i] = (sums[at + i - A] ?? 0) + (counts[i] ?? 0);
}

function countHits(
  { ranks, outcomes, scores }: RankedDetections,
  hits: Hits,
  { a, m, most }: { readonly a: number; readonly m: number; readonly most: number },
  counted: CountedHits,
): void {
  let count = 0;
  for (let i = 0; i < hits.length; i++) {
    const place = hits.places[i] ?? 0;
    const outcome = outcomes[place * A + a] ?? 0;
    if (outcome === 0 || (ranks[place] ?? 0) >= most) continue;
    counted.outcomes[count] = outcome;
    counted.wrongBefore[count] = hits.wrongBefore[i * hits.inner + m * A + a] ?? 0;
    counted.scores[count] = scores[place] ?? 0;
    count++;
  }
  counted.length = count;
}

function findRight(counted: CountedHits, t: number, right: RightHits): void {
  const { outcomes, wrongBefore } = counted;
  const { scores, precisions } = right;
  let found = 0;
  let wrong = 0;
  for (let i = 0; i < counted.length; i++) {
    const outcome = outcomes[i] ?? 0;
    wrong += (outcome >>> (FALSE_SHIFT + t)) & 1;
    if (((outcome >>> t) & 1) === 0) continue;
    scores[found] = counted.scores[i] ?? 0;
    precisions[found] = (found + 1) / (wrong + (wrongBefore[i] ?? 0) + (found + 1) + SPACING);
    found++;
  }
  let best = 0;
  for (let i = found - 1; i >= 0; i--) {
    best = Math.max(best, precisions[i] ?? 0);
    precisions[i] = best;
  }
  right.length = found;
}

/** By recall threshold, the fewest objects found, at least one, that reach it. */
function countNeeded(positives: number, needed: Uint32Array): void {
  let count = 1;
  for (let r = 0; r < R; r++) {
    while (count / positives < (RECALLS[r] ?? 1)) count++;
    needed[r] = count;
  }
}

/** Reads a column of the right ones at each recall threshold; 0 where it is not reached. */
function readAtRecalls(
  needed: Uint32Array,
  column: Float64Array,
  length: number,
  { values, at, step }: { readonly values: Float64Array; readonly at: number; readonly step: number },
): void {
  for (let r = 0; r < R; r++) {
    const count = needed[r] ?? 0;
    values[at + r * step] = count <= length ? (column[count - 1] ?? 0) : 0;
  }
}

/** Puts `[T, R, inner]` into `[T, R, K, inner]`. */
function place(
  from: Float64Array,
  to: Float64Array,
  { category, categories, inner }: { readonly category: number; readonly categories: number; readonly inner: number },
): void {
  for (let row = 0; row < T * R; row++) {
    const at = (row * categories + category) * inner;
    for (let i = 0; i < inner; i++) to[at + i] = from[row * inner + i] ?? 0;
  }
}
