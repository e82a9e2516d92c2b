/**
 * Soft-NMS (Bodla et al., "Soft-NMS: Improving Object Detection With One Line of Code", arXiv 1704.04503): a box that
 * overlaps a better one loses score, not its place. Follows mmcv's `soft_nms` step by step in float32, and its
 * `batched_nms` in what concerns classes.
 */
import { z } from 'zod';
import { checkBoxes, classKeys, type Kept, movedByClass, offsetKey, type Suppression } from './suppression.js';

const f32 = Math.fround;

/** mmcv's keys. */
export const softNmsSchema = z.strictObject({
  iou_threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('a box that overlaps a better one by less is left alone'),
  sigma: z.number().positive().default(0.5).describe('width of the gaussian'),
  min_score: z.number().min(0).default(1e-3).describe('boxes whose score falls below it are dropped'),
  method: z
    .enum(['naive', 'linear', 'gaussian'])
    .default('linear')
    .describe('what an overlap o leaves of a score: nothing, 1 - o, or exp(-o * o / sigma), whatever the threshold'),
  ...classKeys,
  offset: offsetKey,
});

/** A checked configuration of soft-NMS. */
export type SoftNmsConfig = z.output<typeof softNmsSchema>;

/** Boxes that stay have the scores that the overlaps have left. Quadratic in the number of boxes. */
export function createSoftNms(config: SoftNmsConfig): Suppression {
  return {
    suppress(boxes, scores, labels, limit = Number.POSITIVE_INFINITY) {
      checkBoxes('soft_nms', boxes, scores, labels);
      const moved = config.class_agnostic ? boxes : movedByClass(boxes, labels);
      const all = Int32Array.from(scores.keys());
      if (scores.length < config.split_thr) return weaken(moved, scores, all, config, limit);
      const classes = [...new Set(labels)].sort((a, b) => a - b);
      const parts = classes.map((label) =>
        weaken(
          moved,
          scores,
          all.filter((i) => labels[i] === label),
          config,
        ),
      );
      return merged(parts, limit);
    },
  };
}

/** The boxes of one group, in the order in which they come to be the best. */
function weaken(
  boxes: Float32Array,
  given: Float32Array,
  group: Int32Array,
  config: SoftNmsConfig,
  limit = Number.POSITIVE_INFINITY,
): Kept {
  const weight = weighing(config);
  const lowest = f32(config.min_score);
  const indices = group.slice();
  const scores = Float32Array.from(indices, (i) => given[i] ?? 0);
  let count = indices.length;
  let kept = 0;
  for (; kept < Math.min(count, limit); kept++) {
    let best = kept;
    for (let i = kept + 1; i < count; i++) if ((scores[i] ?? 0) > (scores[best] ?? 0)) best = i;
    swap(indices, kept, best);
    swap(scores, kept, best);
    const at = (indices[kept] ?? 0) * 4;
    for (let i = kept + 1; i < count; i++) {
      const left = f32((scores[i] ?? 0) * weight(overlapOf(boxes, at, (indices[i] ?? 0) * 4)));
      scores[i] = left;
      if (!(left < lowest)) continue;
      // The last takes the place of the one that is dropped, and is looked at next.
      count--;
      indices[i] = indices[count] ?? 0;
      scores[i] = scores[count] ?? 0;
      i--;
    }
  }
  return { indices: indices.slice(0, kept), scores: scores.slice(0, kept) };
}

function weighing({ method, iou_threshold, sigma }: SoftNmsConfig): (overlap: number) => number {
  const threshold = f32(iou_threshold);
  const width = f32(sigma);
  switch (method) {
    case 'naive':
      return (overlap) => (overlap >= threshold ? 0 : 1);
    case 'linear':
      return (overlap) => (overlap >= threshold ? f32(1 - overlap) : 1);
    case 'gaussian':
      return (overlap) => f32(Math.exp(f32(-f32(overlap * overlap) / width)));
  }
}

/** Intersection over union of the boxes at two places of the list. */
function overlapOf(boxes: Float32Array, a: number, b: number): number {
  const width = f32(Math.min(boxes[a + 2] ?? 0, boxes[b + 2] ?? 0) - Math.max(boxes[a] ?? 0, boxes[b] ?? 0));
  const height = f32(Math.min(boxes[a + 3] ?? 0, boxes[b + 3] ?? 0) - Math.max(boxes[a + 1] ?? 0, boxes[b + 1] ?? 0));
  // mmcv divides 0 by 0 where both boxes are empty.
  if (!(width > 0 && height > 0)) return 0;
  const intersection = f32(width * height);
  return f32(intersection / f32(f32(areaOf(boxes, a) + areaOf(boxes, b)) - intersection));
}

function areaOf(boxes: Float32Array, at: number): number {
  return f32(f32((boxes[at + 2] ?? 0) - (boxes[at] ?? 0)) * f32((boxes[at + 3] ?? 0) - (boxes[at + 1] ?? 0)));
}

/** Groups as one list, by score; of equal scores the box that was given first. */
function merged(parts: readonly Kept[], limit: number): Kept {
  const all = parts.flatMap(({ indices, scores }) =>
    Array.from(indices, (index, i) => ({ index, score: scores[i] ?? 0 })),
  );
  all.sort((a, b) => b.score - a.score || a.index - b.index);
  const best = all.slice(0, Math.min(limit, all.length));
  return {
    indices: Int32Array.from(best, ({ index }) => index),
    scores: Float32Array.from(best, ({ score }) => score),
  };
}

function swap(list: Int32Array | Float32Array, i: number, j: number): void {
  const value = list[i] ?? 0;
  list[i] = list[j] ?? 0;
  list[j] = value;
}
