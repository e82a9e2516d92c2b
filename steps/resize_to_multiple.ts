import { z } from 'zod';
import { sideDivisor } from '../core/bounded_numbers.js';
import { OPENCV_BILINEAR, resizeSample } from '../images/resize_sample.js';
import { multipleSize, sidesDivisor } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';

/** mmseg's `ResizeToMultiple`: each side up to the next multiple. */
export const resizeToMultiple = defineStep({
  type: 'ResizeToMultiple',
  schema: z.strictObject({
    size_divisor: z
      .union([sideDivisor.transform((side) => [side, side] as const), z.tuple([sideDivisor, sideDivisor])])
      .default([32, 32] as const)
      .describe('rounded up to multiples of it, [width, height]'),
    interpolation: z.literal('bilinear', { error: "expected 'bilinear'" }).nullish(),
  }),
  divisor: ({ size_divisor }) => sidesDivisor(size_divisor),

  apply(sample, { size_divisor }) {
    const size = multipleSize(sample.pixels, size_divisor);
    return resizeSample(sample, size, { step: 'ResizeToMultiple', ...OPENCV_BILINEAR, clipsBoxes: false });
  },
});
