import { z } from 'zod';
import { sideLength } from '../../core/bounded_numbers.js';
import { mosaic } from '../../images/mosaic.js';
import { sizeOf } from '../../images/target_size.js';
import { defineTrainingStep, type TrainingStepDefinition } from '../../registry/define_training_step.js';
import { ignored } from '../keys.js';
import { clipsBorder, positiveRange, share } from './keys.js';

const keys = {
  img_scale: z
    .tuple([sideLength, sideLength])
    .default([640, 640])
    .describe('[width, height]; the whole is twice as large'),
  center_ratio_range: positiveRange.default([0.5, 1.5]).describe('where the four meet, in parts of img_scale'),
  bbox_clip_border: clipsBorder,
  pad_val: z.number().min(0).max(255).default(114),
  prob: share.default(1),
} as const;
const schema = z.strictObject(keys);
const cachedSchema = z.strictObject({ ...keys, max_cached_images: ignored, random_pop: ignored });

/** Where the four meet; undefined where the picture stays as it is. */
type Centre = { readonly x: number; readonly y: number } | undefined;

const definition = {
  others: (random, { count }) => [0, 1, 2].map(() => random.integer(0, count)),
  draw(random, _, { prob, center_ratio_range, img_scale: [width, height] }): Centre {
    if (random.real() > prob) return undefined;
    const [low, high] = center_ratio_range;
    return { x: Math.trunc(random.uniform(low, high) * width), y: Math.trunc(random.uniform(low, high) * height) };
  },
  apply(sample, centre, { img_scale, pad_val, bbox_clip_border: clipsBoxes }, others) {
    if (centre === undefined) return sample;
    return mosaic(sample, others, { scale: sizeOf(img_scale), centre, padValue: pad_val, clipsBoxes });
  },
} as const satisfies Omit<TrainingStepDefinition<string, typeof schema, Centre>, 'type' | 'schema'>;

/** mmdet's `Mosaic`. */
export const mosaicStep = defineTrainingStep({ ...definition, type: 'Mosaic', schema });

/**
 * mmdet's `CachedMosaic` takes the other pictures from those that a worker has just loaded. Here they are any: what a run
 * trains on does not depend on the number of workers.
 */
export const cachedMosaicStep = defineTrainingStep({ ...definition, type: 'CachedMosaic', schema: cachedSchema });
