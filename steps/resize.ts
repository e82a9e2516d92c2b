import { z } from 'zod';
import type { Size } from '../core/frame.js';
import { resizeSample } from '../images/resize_sample.js';
import { sidesDivisor, sizeOf } from '../images/target_size.js';
import { defineStep } from '../registry/define_step.js';
import { clipObjectBorder, isSupported, resampling, supported, widthHeight } from './keys.js';

const factor = z.number().positive().max(1000);

const schema = z
  .strictObject({
    scale: widthHeight.nullish().describe('[width, height]; with keep_ratio the long and the short edge at most'),
    scale_factor: z
      .union([factor.transform((both) => [both, both] as const), z.tuple([factor, factor])], {
        error: 'expected a positive number, or [horizontal, vertical]',
      })
      .nullish()
      .describe('used where there is no scale'),
    keep_ratio: z.boolean().default(false),
    ...resampling,
    clip_object_border: clipObjectBorder,
  })
  .refine(isSupported, supported)
  .refine(({ scale, scale_factor }) => scale != null || scale_factor != null, {
    error: 'expected scale or scale_factor',
  });
type ResizeConfig = z.output<typeof schema>;

/** mmdet's and mmcv's `Resize`. */
export const resize = defineStep({
  type: 'Resize',
  schema,
  divisor: ({ keep_ratio, scale }) => (keep_ratio || scale == null ? 1 : sidesDivisor(scale)),
  resampling: ({ backend, interpolation }) => ({ backend, interpolation }),

  apply(sample, config) {
    const { backend, interpolation, clip_object_border: clipsBoxes = true } = config;
    const size = resizedSize(sample.pixels, config);
    return resizeSample(sample, size, { step: 'Resize', backend, interpolation, clipsBoxes });
  },
});

/** `scale` as it stands, or as large as fits into its long and short edge with `keep_ratio`. */
function resizedSize(size: Size, { scale, scale_factor, keep_ratio }: ResizeConfig): Size {
  const { width, height } = scaled(size, scale_factor ?? [1, 1]);
  const wanted = scale ?? ([width, height] as const);
  if (!keep_ratio) return sizeOf(wanted);
  const fit = Math.min(
    Math.max(...wanted) / Math.max(size.width, size.height),
    Math.min(...wanted) / Math.min(size.width, size.height),
  );
  return scaled(size, [fit, fit]);
}

/** Halves are rounded up. */
function scaled({ width, height }: Size, [horizontal, vertical]: readonly [number, number]): Size {
  return { width: Math.trunc(width * horizontal + 0.5), height: Math.trunc(height * vertical + 0.5) };
}
