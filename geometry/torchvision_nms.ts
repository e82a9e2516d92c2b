/**
 * torchvision's `batched_nms`. Up to a thousand boxes the classes are set apart by moving them, as in mmcv; of more, each
 * class is taken for itself with its boxes where they lie. What an overlap near the threshold rounds to differs.
 */
import type { z } from 'zod';
import { batchedNms, greedyNms, groupByLabel, nmsSchema } from './nms.js';
import { checkBoxes, type Suppression } from './suppression.js';

/** torchvision counts 4000 coordinates. */
const MOST_MOVED = 1000;

export const torchvisionNmsSchema = nmsSchema.pick({ iou_threshold: true });

/** A checked configuration of torchvision's NMS. */
export type TorchvisionNmsConfig = z.output<typeof torchvisionNmsSchema>;

/** Scores stay as they are. */
export function createTorchvisionNms({ iou_threshold }: TorchvisionNmsConfig): Suppression {
  const moving = nmsSchema.parse({ iou_threshold, split_thr: Number.MAX_SAFE_INTEGER });
  const apart = { iou_threshold, score_threshold: 0 };
  return {
    suppress(boxes, scores, labels, limit = Number.POSITIVE_INFINITY) {
      checkBoxes('torchvision_nms', boxes, scores, labels);
      const indices =
        scores.length > MOST_MOVED
          ? greedyNms(boxes, scores, groupByLabel(labels), apart, limit)
          : batchedNms(boxes, scores, labels, moving, limit);
      return { indices, scores: Float32Array.from(indices, (i) => scores[i] ?? 0) };
    },
  };
}
