/** mmdet's `train_cfg` of a dense detector: which priors learn what. */
import { z } from 'zod';
import { assignerSchema, samplerSchema } from './index.js';

/** What is left out is as RetinaNet's published configs have it. */
export const denseTrainSchema = z.strictObject({
  assigner: assignerSchema
    .prefault({ type: 'MaxIoUAssigner', pos_iou_thr: 0.5, neg_iou_thr: 0.4 })
    .refine(({ neg_iou_thr }) => !Array.isArray(neg_iou_thr), {
      path: ['neg_iou_thr'],
      message: 'expected a number, or { min, max } for two: by a list mmdet takes no prior for background',
    }),
  sampler: samplerSchema.prefault({ type: 'PseudoSampler' }),
  allowed_border: z
    .number()
    .default(-1)
    .describe('pixels that a prior may reach beyond the picture; negative: any number'),
  pos_weight: z.number().default(-1).describe('of the priors of objects, where background weighs 1; negative: 1 too'),
  debug: z.boolean().default(false).describe('no effect'),
});

/** A checked `train_cfg`. */
export type DenseTrainConfig = z.output<typeof denseTrainSchema>;
