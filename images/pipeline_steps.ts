/**
 * The steps of a `test_pipeline`, with the keys and defaults of mmcv 2, mmdet 3, mmseg 1 and mmpretrain 1. Keys that only
 * concern annotations, storage or what is packed are accepted and change nothing.
 */
import { z } from 'zod';
import { sideDivisor, sideLength } from '../core/bounded_numbers.js';
import { nearestName } from '../core/errors.js';

const pixels = sideLength;
/** Width and height; one number for both. */
const widthHeight = z.union([pixels.transform((side) => [side, side] as const), z.tuple([pixels, pixels])], {
  error: 'expected a number of pixels, or [width, height]',
});
const factor = z.number().positive().max(1000);
const ignored = z.unknown().optional();
const channels = z.union([z.tuple([z.number(), z.number(), z.number()]), z.tuple([z.number()])], {
  error: 'expected one number for each of the three channels, or one for all',
});
const deviations = channels.refine((values) => values.every((value) => value !== 0), { error: 'expected no zero' });

const interpolation = {
  backend: z.enum(['cv2', 'pillow']).default('cv2'),
  interpolation: z
    .enum(['bilinear', 'bicubic'], { error: "expected 'bilinear', or 'bicubic' with backend 'pillow'" })
    .default('bilinear'),
};
const supported = {
  error: "expected 'bilinear': 'bicubic' is there with backend 'pillow' alone",
  path: ['interpolation'],
};
const isSupported = (step: { backend: string; interpolation: string }): boolean =>
  step.backend === 'pillow' || step.interpolation === 'bilinear';

const padValue = z.union([z.number(), z.tuple([z.number(), z.number(), z.number()])], {
  error: 'expected a number, or one for each of the three channels',
});

const resize = z
  .strictObject({
    type: z.literal('Resize'),
    scale: widthHeight.nullish().describe('[width, height]; with keep_ratio the long and the short edge at most'),
    scale_factor: z
      .union([factor.transform((both) => [both, both] as const), z.tuple([factor, factor])], {
        error: 'expected a positive number, or [horizontal, vertical]',
      })
      .nullish()
      .describe('used where there is no scale'),
    keep_ratio: z.boolean().default(false),
    ...interpolation,
    clip_object_border: ignored,
  })
  .refine(isSupported, supported)
  .refine(({ scale, scale_factor }) => scale != null || scale_factor != null, {
    error: 'expected scale or scale_factor',
  });

const resizeToMultiple = z.strictObject({
  type: z.literal('ResizeToMultiple'),
  size_divisor: z
    .union([sideDivisor.transform((side) => [side, side] as const), z.tuple([sideDivisor, sideDivisor])])
    .default([32, 32] as const)
    .describe('rounded up to multiples of it, [width, height]'),
  interpolation: z.literal('bilinear', { error: "expected 'bilinear'" }).nullish(),
});

const resizeEdge = z
  .strictObject({
    type: z.literal('ResizeEdge'),
    scale: pixels.describe('of the edge, in pixels'),
    edge: z.enum(['short', 'long', 'width', 'height']).default('short'),
    ...interpolation,
  })
  .refine(isSupported, supported);

const centreCrop = z.strictObject({
  type: z.literal('CenterCrop'),
  crop_size: widthHeight,
  auto_pad: z
    .boolean()
    .optional()
    .describe('smaller pictures: true pads right and below, false crops less; left out, zeros all round (torchvision)'),
  pad_cfg: z
    .strictObject({ type: z.literal('Pad').default('Pad'), pad_val: padValue.default(0) })
    .prefault({})
    .describe('for auto_pad'),
  clip_object_border: ignored,
});

const pad = z
  .strictObject({
    type: z.literal('Pad'),
    size: z.tuple([pixels, pixels]).nullish().describe('[width, height]'),
    size_divisor: sideDivisor.nullish(),
    pad_to_square: z.boolean().default(false),
    pad_val: z
      .union([z.int(), z.strictObject({ img: padValue.default(0), seg: ignored, masks: ignored })], {
        error: 'expected an integer, or {img, seg, masks}',
      })
      .default(0),
    padding_mode: z
      .literal('constant', { error: "expected 'constant': no other padding is there" })
      .default('constant'),
  })
  .refine(
    ({ size, size_divisor, pad_to_square }) =>
      pad_to_square ? size == null : (size == null) !== (size_divisor == null),
    { error: 'expected one of size, size_divisor and pad_to_square (which may stand with size_divisor)' },
  );

const normalize = z.strictObject({
  type: z.literal('Normalize'),
  mean: channels,
  std: deviations,
  to_rgb: z.boolean().default(true).describe('mean and std are then in the order RGB'),
});

const loadImage = z.strictObject({
  type: z.literal('LoadImageFromFile'),
  to_float32: z.literal(false, { error: 'expected false: pictures are resized with 8 bits' }).default(false),
  color_type: z.literal('color', { error: "expected 'color'" }).default('color'),
  imdecode_backend: z
    .enum(['cv2', 'pillow'], { error: "expected 'cv2' or 'pillow': others ignore EXIF" })
    .nullable()
    .default('cv2'),
  backend_args: ignored,
  file_client_args: ignored,
  ignore_empty: ignored,
});

const STEPS = [
  loadImage,
  z.looseObject({ type: z.literal('LoadAnnotations') }),
  resize,
  resizeToMultiple,
  resizeEdge,
  centreCrop,
  pad,
  normalize,
  z.strictObject({ type: z.literal('PackDetInputs'), meta_keys: ignored }),
  z.strictObject({ type: z.literal('PackSegInputs'), meta_keys: ignored }),
  z.strictObject({ type: z.literal('PackInputs'), meta_keys: ignored, input_key: ignored, algorithm_keys: ignored }),
] as const;

/** Every `type` that a step may have. */
export const STEP_TYPES: readonly string[] = STEPS.map((step) => step.shape.type.value);

const stepSchema = z.discriminatedUnion('type', STEPS, {
  error: ({ input }) => {
    const type = typeof input === 'object' && input !== null && 'type' in input ? String(input.type) : undefined;
    const near = type === undefined ? undefined : nearestName(type, STEP_TYPES);
    const expected = `expected the type of a step (${STEP_TYPES.join(', ')})`;
    return near === undefined ? expected : `${expected}. Did you mean '${near}'?`;
  },
});

/** A config's `test_pipeline`. */
export const testPipelineSchema = z.array(stepSchema);

export type PipelineStep = z.output<typeof stepSchema>;
/** A checked `test_pipeline`. */
export type TestPipeline = readonly PipelineStep[];
