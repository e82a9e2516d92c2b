/** mmdet's `test_cfg` of a dense detector: which candidates count, and how many. */
import { z } from 'zod';
import { suppressionSchema } from './suppressions.js';

/** What is left out is as mmdet reads it. */
export const denseTestSchema = z.strictObject({
  nms_pre: z.int().default(-1).describe('candidates kept on each level; negative as in a Python slice'),
  score_thr: z.number().min(0).max(1).default(0).describe('class scores above it count, before any factor'),
  nms: suppressionSchema.prefault({ type: 'nms', iou_threshold: 0.5 }),
  max_per_img: z.int().default(100).describe('boxes at most; negative as in a Python slice'),
  min_bbox_size: z.number().default(-1).describe('pixels of the original picture; -1 for no such filter'),
});

/** A checked `test_cfg`. */
export type DenseTestConfig = z.output<typeof denseTestSchema>;
