/** mmcv's `RandomResize` and `RandomChoiceResize`: one of the resizing steps, at a size that chance decides. */
import { z } from 'zod';
import { sideLength } from '../../core/bounded_numbers.js';
import { LowformerError } from '../../core/errors.js';
import type { Sample } from '../../images/sample.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { fixScaleResize } from '../fix_scale_resize.js';
import { clipObjectBorder, isSupported, resampling, supported, widthHeight } from '../keys.js';
import { resize } from '../resize.js';
import { resizeShortestEdge } from '../resize_shortest_edge.js';
import { positiveRange } from './keys.js';

type Scale = readonly [width: number, height: number];

const resizing = {
  resize_type: z.enum(['Resize', 'FixScaleResize', 'ResizeShortestEdge']).default('Resize'),
  keep_ratio: z.boolean().optional(),
  max_size: sideLength.optional().describe('of the long edge, with ResizeShortestEdge'),
  ...resampling,
  clip_object_border: clipObjectBorder,
} as const;
const resizingSchema = z.object(resizing);

function resizeTo(sample: Sample, scale: Scale, config: z.output<typeof resizingSchema>): Sample {
  const { resize_type: type, keep_ratio, max_size, backend, interpolation, clip_object_border } = config;
  const rules = { scale, backend, interpolation, ...(clip_object_border === undefined ? {} : { clip_object_border }) };
  if (type === 'ResizeShortestEdge') {
    return resizeShortestEdge.apply(sample, {
      ...rules,
      max_size,
      keep_ratio: keep_ratio ?? true,
      resize_type: 'Resize',
    });
  }
  const step = type === 'Resize' ? resize : fixScaleResize;
  return step.apply(sample, { ...rules, keep_ratio: keep_ratio ?? false });
}

const pair = z.tuple([sideLength, sideLength]);

export const randomResize = defineTrainingStep({
  type: 'RandomResize',
  schema: z
    .strictObject({
      scale: z
        .union([pair, z.tuple([pair, pair])], { error: 'expected [width, height], or two of them' })
        .describe('[width, height], times the ratio; or two, between which each side is drawn'),
      ratio_range: positiveRange.nullish(),
      ...resizing,
    })
    .refine(isSupported, supported)
    .refine(({ scale, ratio_range }) => Array.isArray(scale[0]) || ratio_range != null, {
      error: 'expected ratio_range, where scale is one size',
      path: ['ratio_range'],
    }),

  /** The scale, cut to whole pixels. */
  draw(random, _, { scale, ratio_range }): Scale {
    const [first, second] = scale;
    if (typeof first === 'number' || typeof second === 'number') {
      const [low, high] = ratio_range ?? [1, 1];
      const ratio = random.real() * (high - low) + low;
      return [Math.trunc(Number(first) * ratio), Math.trunc(Number(second) * ratio)];
    }
    const between = (a: number, b: number) => random.integer(Math.min(a, b), Math.max(a, b) + 1);
    return [between(first[0], second[0]), between(first[1], second[1])];
  },

  apply: (sample, scale, config) => resizeTo(sample, scale, config),
});

export const randomChoiceResize = defineTrainingStep({
  type: 'RandomChoiceResize',
  schema: z.strictObject({ scales: z.array(widthHeight).min(1), ...resizing }).refine(isSupported, supported),

  draw(random, _, { scales }): Scale {
    const scale = scales[random.integer(0, scales.length)];
    if (scale !== undefined) return scale;
    throw new LowformerError({
      code: 'invalid-config',
      where: 'train_pipeline RandomChoiceResize',
      expected: 'a scale',
    });
  },

  apply: (sample, scale, config) => resizeTo(sample, scale, config),
});
