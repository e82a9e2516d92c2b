import { z } from 'zod';
import { normaliseImage } from '../images/normalise.js';
import { defineStep } from '../registry/define_step.js';

const channels = z.union([z.tuple([z.number(), z.number(), z.number()]), z.tuple([z.number()])], {
  error: 'expected one number for each of the three channels, or one for all',
});

/** mmcv's `Normalize`, by OpenCV. */
export const normalize = defineStep({
  type: 'Normalize',
  schema: z.strictObject({
    mean: channels,
    std: channels.refine((values) => values.every((value) => value !== 0), { error: 'expected no zero' }),
    to_rgb: z.boolean().default(true).describe('mean and std are then in the order RGB'),
  }),
  normalises: true,
  parts: 'pixelwise',
  apply: (sample, config) => ({ ...sample, pixels: normaliseImage(sample.pixels, config, config.to_rgb) }),
});
