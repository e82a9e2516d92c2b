/** What is kept of the detections of one category: one row each in packed columns that grow. */
import { AREA_RANGES } from './coco_parameters.js';

export interface CategoryOutcomes {
  readonly length: number;
  readonly scores: Float64Array;
  readonly imageIds: Float64Array;
  /** Place among the detections of its picture and category, from 0, best score first. */
  readonly ranks: Int32Array;
  /** `[length, ranges of AREA_RANGES]`: see `FALSE_SHIFT` in coco_matching. */
  readonly outcomes: Uint32Array;
}

export interface OutcomeColumns {
  /** Room for the outcomes of `count` more detections of one picture, scores descending; to be filled by the caller. */
  append(imageId: number, scores: readonly number[]): Uint32Array;
  /** The rows so far: views that the next `append` may leave behind. */
  rows(): CategoryOutcomes;
  /** Row numbers by descending score; equal scores by picture id, then by rank: the order of pycocotools' `accumulate`. */
  order(): Int32Array;
}

const RANGES = AREA_RANGES.length;

export function createOutcomeColumns(): OutcomeColumns {
  let length = 0;
  let scores = new Float64Array(0);
  let imageIds = new Float64Array(0);
  let ranks = new Int32Array(0);
  let outcomes = new Uint32Array(0);

  function reserve(needed: number): void {
    if (needed <= scores.length) return;
    const capacity = Math.max(64, needed, Math.ceil(scores.length * 1.5));
    scores = grown(new Float64Array(capacity), scores);
    imageIds = grown(new Float64Array(capacity), imageIds);
    ranks = grown(new Int32Array(capacity), ranks);
    outcomes = grown(new Uint32Array(capacity * RANGES), outcomes);
  }

  return {
    append(imageId, added) {
      const start = length;
      reserve(start + added.length);
      length = start + added.length;
      for (let rank = 0; rank < added.length; rank++) {
        scores[start + rank] = added[rank] ?? 0;
        imageIds[start + rank] = imageId;
        ranks[start + rank] = rank;
      }
      return outcomes.subarray(start * RANGES, length * RANGES);
    },

    rows: () => ({ length, scores, imageIds, ranks, outcomes }),

    order() {
      const byScore = (i: number, j: number) =>
        (scores[j] ?? 0) - (scores[i] ?? 0) || (imageIds[i] ?? 0) - (imageIds[j] ?? 0) || i - j;
      return Int32Array.from({ length }, (_, i) => i).sort(byScore);
    },
  };
}

function grown<T extends Float64Array | Int32Array | Uint32Array>(larger: T, filled: T): T {
  larger.set(filled);
  return larger;
}
