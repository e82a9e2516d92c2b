import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';
import type { Size } from '../core/frame.js';
import { resizeSample } from '../images/resize_sample.js';
import { sizeOf } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';
import { clipObjectBorder, isSupported, resampling, supported, widthHeight } from './keys.js';
import { halvesUp, sizeWithin } from './resize.js';

const schema = z
  .strictObject({
    scale: widthHeight.describe('of the short edge; of two numbers the smaller'),
    max_size: sideLength.nullish().describe('of the long edge'),
    resize_type: z.literal('Resize', { error: "expected 'Resize'" }).default('Resize'),
    keep_ratio: z
      .boolean()
      .default(true)
      .describe('as mmseg; false for exactly the size that follows, as in mmdet unless told otherwise'),
    ...resampling,
    clip_object_border: clipObjectBorder,
  })
  .refine(isSupported, supported);
type ShortestEdgeConfig = z.output<typeof schema>;

/** mmdet's and mmseg's `ResizeShortestEdge`, which is detectron2's. */
export const resizeShortestEdge = defineStep({
  type: 'ResizeShortestEdge',
  schema,
  defaultsOf: (task) => ({ keep_ratio: task !== 'detection' }),
  setsSize: true,
  resampling: ({ backend, interpolation }) => ({ backend, interpolation }),
  resizedSize: shortestEdgeSize,

  apply(sample, config) {
    const { backend, interpolation, clip_object_border: clipsBoxes = true } = config;
    const size = shortestEdgeSize(sample.pixels, config);
    return resizeSample(sample, size, { step: 'ResizeShortestEdge', backend, interpolation, clipsBoxes });
  },
});

function shortestEdgeSize(size: Size, { scale, max_size, keep_ratio }: ShortestEdgeConfig): Size {
  const short = Math.min(...scale);
  const fit = short / Math.min(size.width, size.height);
  // The short edge as it is given: times the quotient it could be another number.
  const [width, height] = size.height < size.width ? [fit * size.width, short] : [short, fit * size.height];
  const longest = Math.max(width, height);
  const cut = max_size != null && longest > max_size ? max_size / longest : 1;
  const wanted = [halvesUp(width * cut), halvesUp(height * cut)] as const;
  return keep_ratio ? sizeWithin(size, wanted) : sizeOf(wanted);
}
