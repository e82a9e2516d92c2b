import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import { fittedSize, normaliseAndResize } from '../images/normalise_and_resize.js';
import { checkPixels } from '../images/resize_bilinear.js';
import { resizeAnnotations } from '../images/resize_sample.js';
import { eightBitPixels, refuseAfterCrop } from '../images/step_order.js';
import { sidesDivisor, sizeOf } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';

const TYPE = 'GeneralizedRCNNTransform';
const channels = z.tuple([z.number(), z.number(), z.number()], {
  error: 'expected one number for each of red, green and blue',
});

const schema = z.strictObject({
  min_size: sideLength.default(800).describe('of the short edge, in pixels'),
  max_size: sideLength.default(1333).describe('of the long edge, at most'),
  image_mean: channels.default([0.485, 0.456, 0.406]).describe('of pictures from 0 to 1'),
  image_std: channels
    .refine((values) => values.every((value) => value !== 0), { error: 'expected no zero' })
    .default([0.229, 0.224, 0.225]),
  fixed_size: z
    .tuple([sideLength, sideLength])
    .readonly()
    .nullable()
    .default(null)
    .describe('[width, height] for every picture'),
});

/**
 * What torchvision's detectors do to a picture, but for the padding: `data_preprocessor.pad_size_divisor` is its
 * `size_divisible`. The picture is normalised first and resized in float32.
 */
export const generalizedRcnnTransform = defineStep({
  type: TYPE,
  schema,
  divisor: ({ fixed_size }) => (fixed_size === null ? 1 : sidesDivisor(fixed_size)),
  normalises: true,
  atSize: ({ width, height }) => ({ fixed_size: [width, height] as const }),

  apply(sample, { min_size, max_size, image_mean, image_std, fixed_size }) {
    refuseAfterCrop(sample, TYPE);
    const pixels = eightBitPixels(sample, TYPE);
    const size = fixed_size === null ? fittedSize(pixels, min_size, max_size) : sizeOf(fixed_size);
    if (size.width < 1 || size.height < 1) {
      const expected = 'a picture that keeps at least one pixel each way';
      const received = `${pixels.width}x${pixels.height}, which becomes ${size.width}x${size.height}`;
      throw new LowformerError({ code: 'invalid-argument', where: `test_pipeline ${TYPE}`, expected, received });
    }
    checkPixels(`test_pipeline ${TYPE}`, size);
    const [across, down] = [size.width / pixels.width, size.height / pixels.height];
    const { scaleX, scaleY } = sample.transform;
    return {
      ...sample,
      pixels: normaliseAndResize(pixels, size, { mean: image_mean, std: image_std }),
      transform: { ...sample.transform, resized: size, scaleX: scaleX * across, scaleY: scaleY * down },
      annotations: resizeAnnotations(sample.annotations, size, { across, down, backend: 'cv2', clipsBoxes: false }),
    };
  },
});
