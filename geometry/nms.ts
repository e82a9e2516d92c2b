/**
 * Greedy non-maximum suppression by class, as mmcv's `batched_nms` does it: boxes of class `c` are moved by
 * `c * (largest coordinate + 1)`, which sets the classes apart, and one NMS runs over all. The moved coordinates are
 * rounded to float32, and an overlap near the threshold can turn on that rounding: it is computed here, too.
 */
import { z } from 'zod';
import { rank } from './ranking.js';
import { checkBoxes, classKeys, movedByClass, offsetKey, type Suppression } from './suppression.js';

const f32 = Math.fround;

/** mmcv's keys. */
export const nmsSchema = z.strictObject({
  iou_threshold: z.number().min(0).max(1).describe('a box that overlaps a better one by more is dropped'),
  ...classKeys,
  max_num: z.int().default(-1).describe('boxes that are kept at most; 0 or less for all'),
  score_threshold: z.number().min(0).default(0).describe('boxes with no more than this are dropped first; 0 for none'),
  offset: offsetKey,
});

/** A checked configuration of NMS. */
export type NmsConfig = z.output<typeof nmsSchema>;

/**
 * Indices of the boxes that stay, by score descending, equal scores in the order given. Of two boxes that can
 * suppress each other the worse is dropped where IoU > `iou_threshold`.
 * @param boxes `[count, 4]` as x1, y1, x2, y2
 * @param labels class of each box
 * @param limit no more than this many are wanted; the work stops there
 * @throws {LowformerError} when the lengths contradict each other
 */
export function batchedNms(
  boxes: Float32Array,
  scores: Float32Array,
  labels: Int32Array,
  config: NmsConfig,
  limit = Number.POSITIVE_INFINITY,
): Int32Array {
  const count = scores.length;
  checkBoxes('batchedNms', boxes, scores, labels);
  const moved = config.class_agnostic ? boxes : movedByClass(boxes, labels);
  const groups = groupByLabel(labels);
  // Splitting is by class, even where suppression is not: mmcv's rule.
  const apart = count >= config.split_thr || (!config.class_agnostic && disjoint(moved, groups));
  const most = Math.min(limit, config.max_num > 0 ? config.max_num : Number.POSITIVE_INFINITY);
  return greedyNms(moved, scores, apart ? groups : ONE_GROUP, config, most);
}

/** Scores stay as they are. */
export function createNms(config: NmsConfig): Suppression {
  return {
    suppress(boxes, scores, labels, limit) {
      const indices = batchedNms(boxes, scores, labels, config, limit);
      return { indices, scores: Float32Array.from(indices, (i) => scores[i] ?? 0) };
    },
  };
}

/** Which boxes can suppress each other. */
export interface Groups {
  readonly count: number;
  /** Group of each box; undefined where there is one group. */
  readonly of: Int32Array | undefined;
}
const ONE_GROUP: Groups = { count: 1, of: undefined };

/** One group for each label, numbered as their labels ascend. */
export function groupByLabel(labels: Int32Array): Groups {
  const numbers = new Map([...new Set(labels)].sort((a, b) => a - b).map((label, i) => [label, i]));
  return { count: numbers.size, of: labels.map((label) => numbers.get(label) ?? 0) };
}

/** Whether each group ends, on the x axis, before the next begins. It does not where coordinates are negative. */
function disjoint(boxes: Float32Array, { count, of }: Groups): boolean {
  const starts = new Float32Array(count).fill(Number.POSITIVE_INFINITY);
  const ends = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < boxes.length; i += 2) {
    const group = of?.[i >> 2] ?? 0;
    starts[group] = Math.min(starts[group] ?? 0, boxes[i] ?? 0);
    ends[group] = Math.max(ends[group] ?? 0, boxes[i] ?? 0);
  }
  return starts.every((start, group) => group === 0 || (ends[group - 1] ?? 0) <= start);
}

/** Greedy NMS: best first, each box against those of its group that were kept; the work stops at `limit`. */
export function greedyNms(
  boxes: Float32Array,
  scores: Float32Array,
  groups: Groups,
  config: Pick<NmsConfig, 'iou_threshold' | 'score_threshold'>,
  limit: number,
): Int32Array {
  const count = scores.length;
  const order = Int32Array.from(scores, (_, i) => i);
  // PyTorch sorts NaN before everything.
  const keys = scores.map((score) => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : score));
  rank(keys, order, 0, count);

  // Not rounded to float32: torchvision compares a float32 overlap with a double.
  const threshold = config.iou_threshold;
  const lowestScore = config.score_threshold > 0 ? f32(config.score_threshold) : Number.NEGATIVE_INFINITY;
  const kept = new Int32Array(count);
  const keptAreas = new Float32Array(count);
  // The kept boxes of a group as a chain: the last of it, and for each the one before.
  const last = new Int32Array(groups.count).fill(-1);
  const previous = new Int32Array(count);
  let keptCount = 0;

  candidates: for (let rankOf = 0; rankOf < count && keptCount < limit; rankOf++) {
    const box = order[rankOf] ?? 0;
    if ((keys[rankOf] ?? 0) <= lowestScore) break;
    const group = groups.of === undefined ? 0 : (groups.of[box] ?? 0);
    const at = box * 4;
    const x1 = boxes[at] ?? 0;
    const y1 = boxes[at + 1] ?? 0;
    const x2 = boxes[at + 2] ?? 0;
    const y2 = boxes[at + 3] ?? 0;
    const area = f32(f32(x2 - x1) * f32(y2 - y1));
    for (let other = last[group] ?? -1; other >= 0; other = previous[other] ?? -1) {
      const otherAt = (kept[other] ?? 0) * 4;
      const width = f32(Math.min(x2, boxes[otherAt + 2] ?? 0) - Math.max(x1, boxes[otherAt] ?? 0));
      if (!(width > 0)) continue;
      const height = f32(Math.min(y2, boxes[otherAt + 3] ?? 0) - Math.max(y1, boxes[otherAt + 1] ?? 0));
      if (!(height > 0)) continue;
      const intersection = f32(width * height);
      const overlap = f32(intersection / f32(f32((keptAreas[other] ?? 0) + area) - intersection));
      if (overlap > threshold) continue candidates;
    }
    kept[keptCount] = box;
    keptAreas[keptCount] = area;
    previous[keptCount] = last[group] ?? -1;
    last[group] = keptCount;
    keptCount++;
  }
  return kept.slice(0, keptCount);
}
