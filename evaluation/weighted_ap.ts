/** AP of one category when pictures count more or less often, from matches that are made once. */
import { FALSE_SHIFT } from './coco_matching.js';
import { IOU_THRESHOLDS, RECALL_THRESHOLDS } from './coco_parameters.js';

/** Detections of one category, as they come in. */
export interface MatchedDetections {
  readonly scores: number[];
  /** Position of the picture. */
  readonly pictures: number[];
  /** See `FALSE_SHIFT`. */
  readonly bits: number[];
}

/** AP at overlap 0.5 and its mean over the overlaps. */
export interface CategoryAp {
  readonly AP: number;
  readonly AP50: number;
}

/**
 * The same as COCO's figures where every weight is 1, and as COCO's of a dataset in which each picture stands `weight`
 * times. Between two right detections wrong ones only count: a prefix sum of the weights has them at once.
 */
export function createWeightedAp({ scores, pictures, bits }: MatchedDetections) {
  const order = Uint32Array.from(scores.keys()).sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || (pictures[a] ?? 0) - (pictures[b] ?? 0) || a - b,
  );
  const sorted = Uint32Array.from(order, (i) => pictures[i] ?? 0);
  const sortedBits = Uint32Array.from(order, (i) => bits[i] ?? 0);
  // By overlap: positions of right detections, and (as -1 - position) of those that do not count.
  const events = IOU_THRESHOLDS.map((_, t) =>
    Int32Array.from(
      [...sortedBits.keys()].flatMap((place) => {
        const own = sortedBits[place] ?? 0;
        if ((own >> t) & 1) return [place];
        return (own >> (FALSE_SHIFT + t)) & 1 ? [] : [-1 - place];
      }),
    ),
  );
  // What comes after the last right detection changes nothing.
  const until = events.reduce((last, list) => Math.max(last, list.findLast((event) => event >= 0) ?? 0), 0) + 1;
  const before = new Int32Array(Math.min(until, sorted.length) + 1);
  const precisions = new Float64Array(sorted.length);
  const recalls = new Float64Array(sorted.length);
  /** Detections and matches that each call walks over, about. */
  const work = before.length + events.reduce((sum, list) => sum + 3 * list.length + 5, 0);

  const atOverlap = (t: number, weights: Int32Array, objects: number): number => {
    const list = events[t] ?? new Int32Array(0);
    let [right, left, points] = [0, 0, 0];
    for (let i = 0; i < list.length; i++) {
      const event = list[i] ?? 0;
      const place = event < 0 ? -1 - event : event;
      const weight = weights[sorted[place] ?? 0] ?? 0;
      if (weight === 0) continue;
      if (event < 0) left += weight;
      else {
        right += weight;
        precisions[points] = right / ((before[place + 1] ?? 0) - left);
        recalls[points++] = right / objects;
      }
    }
    let [sum, best, open] = [0, 0, RECALL_THRESHOLDS.length];
    for (let point = points - 1; point >= 0; point--) {
      const reached = thresholdsUpTo(recalls[point] ?? 0);
      sum += best * (open - reached);
      open = reached;
      best = Math.max(best, precisions[point] ?? 0);
    }
    return (sum + best * open) / RECALL_THRESHOLDS.length;
  };

  return {
    work,
    /** @param weights by picture. @param objects sum of the weights of all objects, above 0. */
    at(weights: Int32Array, objects: number): CategoryAp {
      for (let place = 0; place + 1 < before.length; place++) {
        before[place + 1] = (before[place] ?? 0) + (weights[sorted[place] ?? 0] ?? 0);
      }
      let sum = 0;
      let AP50 = 0;
      for (let t = 0; t < IOU_THRESHOLDS.length; t++) {
        const ap = atOverlap(t, weights, objects);
        sum += ap;
        if (t === 0) AP50 = ap;
      }
      return { AP: sum / IOU_THRESHOLDS.length, AP50 };
    },
  };
}

/** How many of COCO's recalls are `recall` or less. */
function thresholdsUpTo(recall: number): number {
  let count = Math.min(Math.floor(recall * 100), 100);
  while (count <= 100 && (RECALL_THRESHOLDS[count] ?? 2) <= recall) count++;
  while (count > 0 && (RECALL_THRESHOLDS[count - 1] ?? 0) > recall) count--;
  return count;
}
