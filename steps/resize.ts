import { z } from 'zod';
import type { Size } from '../core/frame.js';
import { resizeSample } from '../images/resize_sample.js';
import { sidesDivisor, sizeOf } from '../images/target_size.js';
import { defineStep, type StepDefinition } from '../registry/define_step.js';
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

/** @param round of sides with `keep_ratio`. */
export function resizeDefinition<const Type extends string>(
  type: Type,
  round: (side: number) => number,
): StepDefinition<Type, typeof schema> {
  return {
    type,
    schema,
    divisor: ({ keep_ratio, scale }) => (keep_ratio || scale == null ? 1 : sidesDivisor(scale)),
    resampling: ({ backend, interpolation }) => ({ backend, interpolation }),
    resizedSize: (size, config) => resizedSize(size, config, round),

    apply(sample, config) {
      const { backend, interpolation, clip_object_border: clipsBoxes = true } = config;
      const size = resizedSize(sample.pixels, config, round);
      return resizeSample(sample, size, { step: type, backend, interpolation, clipsBoxes });
    },
  };
}

/** mmdet's and mmcv's `Resize`. */
export const resize = defineStep(resizeDefinition('Resize', halvesUp));

/** `scale` as it stands, or as large as fits into its long and short edge with `keep_ratio`. */
function resizedSize(
  size: Size,
  { scale, scale_factor, keep_ratio }: ResizeConfig,
  round: (side: number) => number,
): Size {
  const { width, height } = scaled(size, scale_factor ?? [1, 1], halvesUp);
  const wanted = scale ?? ([width, height] as const);
  return keep_ratio ? sizeWithin(size, wanted, round) : sizeOf(wanted);
}

/** As large as fits into a long and a short edge, as mmcv's `rescale_size`. @param round of sides. */
export function sizeWithin(size: Size, edges: readonly [number, number], round = halvesUp): Size {
  const fit = Math.min(
    Math.max(...edges) / Math.max(size.width, size.height),
    Math.min(...edges) / Math.min(size.width, size.height),
  );
  return scaled(size, [fit, fit], round);
}

function scaled(
  { width, height }: Size,
  [horizontal, vertical]: readonly [number, number],
  round: (side: number) => number,
): Size {
  return { width: round(width * horizontal), height: round(height * vertical) };
}

/** Of a positive number. */
export function halvesUp(side: number): number {
  return Math.floor(side + 0.5);
}
