/**
 * `data_preprocessor` of a model, with the keys and defaults of mmdet 3, mmseg 1 and mmpretrain 1. `type` may be
 * left out where the model says which it is. Keys that concern training alone are accepted and never read.
 */
import { z } from 'zod';
import { sideDivisor, sideLength } from '../core/bounded_numbers.js';

const channels = z.union([z.tuple([z.number(), z.number(), z.number()]), z.tuple([z.number()])], {
  error: 'expected one number for each of the three channels, or one for all',
});
const training = z.unknown().optional().describe('training only');

const normalisation = {
  mean: channels.nullable().default(null).describe('in the channel order of the network'),
  std: channels
    .refine((values) => values.every((value) => value !== 0), { error: 'expected no zero' })
    .nullable()
    .default(null),
};
const padding = {
  pad_size_divisor: sideDivisor.default(1),
  pad_value: z.number().default(0).describe('after normalisation'),
};
const turning = {
  bgr_to_rgb: z.boolean().default(false).describe('the network sees RGB instead of BGR'),
  rgb_to_bgr: z.boolean().default(false).describe('the same exchange of channels by another name'),
};

const together = (config: { readonly mean: unknown; readonly std: unknown }): boolean =>
  (config.mean === null) === (config.std === null);
const togetherError = { error: 'expected mean and std together, or neither' };
const once = (config: { readonly bgr_to_rgb: boolean; readonly rgb_to_bgr: boolean }): boolean =>
  !(config.bgr_to_rgb && config.rgb_to_bgr);
const onceError = { error: 'expected bgr_to_rgb or rgb_to_bgr, not both' };

/** mmdet's. */
export const detPreprocessorSchema = z
  .strictObject({
    type: z.literal('DetDataPreprocessor').default('DetDataPreprocessor'),
    ...normalisation,
    ...padding,
    ...turning,
    pad_mask: training,
    mask_pad_value: training,
    pad_seg: training,
    seg_pad_value: training,
    boxtype2tensor: training,
    non_blocking: training,
    batch_augments: training,
  })
  .refine(together, togetherError)
  .refine(once, onceError);

/** mmpretrain's. */
export const clsPreprocessorSchema = z
  .strictObject({
    type: z.literal('ClsDataPreprocessor').default('ClsDataPreprocessor'),
    ...normalisation,
    ...padding,
    to_rgb: z.boolean().default(false).describe('the network sees RGB instead of BGR'),
    to_onehot: training,
    num_classes: training,
    batch_augments: training,
  })
  .refine(together, togetherError);

/** mmseg's. `size` and `size_divisor` pad in training; `test_cfg` has those of inference. */
export const segPreprocessorSchema = z
  .strictObject({
    type: z.literal('SegDataPreProcessor').default('SegDataPreProcessor'),
    ...normalisation,
    ...turning,
    pad_val: z.number().default(0).describe('after normalisation'),
    test_cfg: z
      .strictObject({
        size: z.tuple([sideLength, sideLength]).nullish().describe('[height, width]'),
        size_divisor: sideDivisor.nullish(),
      })
      .refine(({ size, size_divisor }) => size == null || size_divisor == null, {
        error: 'expected size or size_divisor, not both',
      })
      .nullable()
      .default(null)
      .describe('without it, nothing is padded'),
    size: training,
    size_divisor: training,
    seg_pad_val: training,
    batch_augments: training,
  })
  .refine(together, togetherError)
  .refine(once, onceError);

/** A checked `data_preprocessor`. */
export type Preprocessor =
  | z.output<typeof detPreprocessorSchema>
  | z.output<typeof clsPreprocessorSchema>
  | z.output<typeof segPreprocessorSchema>;
