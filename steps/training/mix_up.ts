import { z } from 'zod';
import { sideLength } from '../../core/bounded_numbers.js';
import { type MixUpRules, mixUp } from '../../images/mix_up.js';
import { sizeOf } from '../../images/target_size.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { clipsBorder, positiveRange, share } from './keys.js';

/** mmdet's `MixUp`. */
export const mixUpStep = defineTrainingStep({
  type: 'MixUp',
  schema: z.strictObject({
    img_scale: z.tuple([sideLength, sideLength]).default([640, 640]).describe('[width, height] of the other picture'),
    ratio_range: positiveRange.default([0.5, 1.5]),
    flip_ratio: share.default(0.5).describe('of pictures that stay unmirrored'),
    pad_val: z.number().min(0).max(255).default(114),
    max_iters: z.int().positive().max(1000).default(15).describe('pictures tried, until one has an object'),
    bbox_clip_border: clipsBorder,
  }),

  others(random, { count, objectsOf }, { max_iters }) {
    let index = random.integer(0, count);
    for (let i = 1; i < max_iters && objectsOf(index) === 0; i++) index = random.integer(0, count);
    return [index];
  },

  draw(random, _, { ratio_range, flip_ratio }): Pick<MixUpRules, 'factor' | 'flips' | 'offset'> {
    const factor = random.uniform(...ratio_range);
    const flips = random.real() > flip_ratio;
    return { factor, flips, offset: { x: random.real(), y: random.real() } };
  },

  apply(sample, choice, { img_scale, pad_val, bbox_clip_border: clipsBoxes }, [other]) {
    if (other === undefined) return sample;
    return mixUp(sample, other, { ...choice, scale: sizeOf(img_scale), padValue: pad_val, clipsBoxes });
  },
});
