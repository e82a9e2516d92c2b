import { z } from 'zod';
import { sideDivisor } from '../core/bounded_numbers.js';
import { resizeSample } from '../images/resize_sample.js';
import { multipleSize, sidesDivisor } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';

const CV2 = ['nearest', 'bilinear', 'bicubic', 'area', 'lanczos'] as const;

/** mmseg's `ResizeToMultiple`: each side up to the next multiple. */
export const resizeToMultiple = defineStep({
  type: 'ResizeToMultiple',
  schema: z.strictObject({
    size_divisor: z
      .union([sideDivisor.transform((side) => [side, side] as const), z.tuple([sideDivisor, sideDivisor])])
      .default([32, 32] as const)
      .describe('rounded up to multiples of it, [width, height]'),
    interpolation: z.enum(CV2).nullish(),
  }),
  divisor: ({ size_divisor }) => sidesDivisor(size_divisor),

  apply(sample, { size_divisor, interpolation }) {
    const size = multipleSize(sample.pixels, size_divisor);
    const rules = { backend: 'cv2', interpolation: interpolation ?? 'bilinear' } as const;
    return resizeSample(sample, size, { step: 'ResizeToMultiple', ...rules, clipsBoxes: false });
  },
});
