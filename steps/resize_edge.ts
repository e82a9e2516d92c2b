import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';
import type { Size } from '../core/frame.js';
import { resizeSample } from '../images/resize_sample.js';
import { defineStep } from '../registry/define_step.js';
import { isSupported, resampling, supported } from './keys.js';

const schema = z
  .strictObject({
    scale: sideLength.describe('of the edge, in pixels'),
    edge: z.enum(['short', 'long', 'width', 'height']).default('short'),
    ...resampling,
  })
  .refine(isSupported, supported);

/** mmpretrain's `ResizeEdge` and torchvision's `Resize(size)`: one edge exactly, the other rounded down. */
export const resizeEdge = defineStep({
  type: 'ResizeEdge',
  schema,
  setsSize: true,
  resampling: ({ backend, interpolation }) => ({ backend, interpolation }),
  resizedSize: edgeSize,

  apply(sample, config) {
    const { backend, interpolation } = config;
    const size = edgeSize(sample.pixels, config);
    return resizeSample(sample, size, { step: 'ResizeEdge', backend, interpolation, clipsBoxes: false });
  },
});

function edgeSize({ width, height }: Size, { scale, edge }: z.output<typeof schema>): Size {
  const setsWidth = edge === 'width' || (edge === 'short' && width < height) || (edge === 'long' && width > height);
  return setsWidth
    ? { width: scale, height: Math.trunc((scale * height) / width) }
    : { width: Math.trunc((scale * width) / height), height: scale };
}
