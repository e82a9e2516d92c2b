/** What ResNet and its relatives share: config keys (mmdet's, and mmseg's for dilated networks) and names. */
import { z } from 'zod';
import { channelCount, strideCount } from '../core/bounded_numbers.js';
import type { NameRule } from '../core/checkpoint_facts.js';
import type { InitCfg } from '../core/init_cfg.js';
import { batchNormSchema, convSchema } from '../layers/conv_module.js';
import { outIndicesSchema } from '../layers/out_indices.js';

/** The depths that ResNets are published in. */
export const RESNET_SIZES = [18, 34, 50, 101, 152] as const;

/** A key of OpenMMLab's whose other forms are not here. */
export const only = <const Value extends boolean | number | null>(value: Value) =>
  z.literal(value, { error: `expected ${value}: no other form is here` });

/** One number a stage. */
const aStage = z.array(strideCount.max(64)).min(1).max(4).readonly().optional();

/** Of every one of them. */
export const stageKeys = {
  in_channels: only(3).default(3),
  strides: aStage.describe('of the first block of each stage'),
  dilations: aStage.describe('of the 3x3 convolutions of each stage; 1 when absent'),
  out_indices: outIndicesSchema,
  style: z
    .enum(['pytorch', 'caffe'])
    .default('pytorch')
    .describe('which convolution of a bottleneck is strided: the 3x3, or the first 1x1'),
  conv_cfg: convSchema.default(null),
  norm_cfg: batchNormSchema.prefault({ type: 'BN' }),
  dcn: only(null).default(null),
  plugins: only(null).default(null),
  zero_init_residual: z.boolean().default(true).describe('training from nothing: blocks begin as their shortcuts'),
};

/** Of those whose width doubles from stage to stage. */
export const resnetKeys = {
  ...stageKeys,
  stem_channels: channelCount.nullish().describe('base_channels when absent, as in mmdet; in mmseg 64'),
  base_channels: channelCount.default(64).describe('of the first stage; doubled from stage to stage'),
  num_stages: z.int().min(1).max(4).default(4),
  contract_dilation: z.boolean().default(false).describe('half the dilation in the first block of a stage'),
  multi_grid: z
    .array(strideCount.max(64))
    .readonly()
    .nullable()
    .default(null)
    .describe('dilations of the blocks of the last stage, one a block, in place of its own'),
};

/** Where the stem and the shortcuts are not what the type's name says. */
export const variantKeys = {
  deep_stem: z.boolean().default(false).describe('three 3x3 in the stem in place of one 7x7'),
  avg_down: z.boolean().default(false).describe('shortcuts averaged before their 1x1, which is not strided then'),
};

/** Keys that concern training alone. */
export const resnetTrainingKeys = [
  'init_cfg',
  'pretrained',
  'frozen_stages',
  'norm_eval',
  'with_cp',
  'drop_path_rate',
  'stage_with_dcn',
] as const;

/**
 * mmdet's and mmseg's start of them; with `zero_init_residual` each block begins as nothing but its shortcut.
 * @param lastNorm of a block.
 */
export const residualStart = (lastNorm: 'bn2' | 'bn3', zeroInitResidual: boolean): readonly InitCfg[] => {
  const start = { type: 'Kaiming', layer: 'Conv2d' } as const;
  if (!zeroInitResidual) return [start];
  const name = new RegExp(`^layer\\d\\.\\d+\\.${lastNorm}\\.`);
  return [{ ...start, override: { type: 'Constant', name, val: 0 } }];
};

/** As `residualStart`, by depth. */
export const resnetStart = (config: {
  readonly depth: number;
  readonly zero_init_residual: boolean;
}): readonly InitCfg[] => residualStart(config.depth < 50 ? 'bn2' : 'bn3', config.zero_init_residual);

/** timm's `resnet50c` and `resnet50d` have the deep stem as `conv1`, and its last norm as `bn1`. */
export const deepStemNames = [
  { pattern: /^conv1\.(\d)\./, replacement: 'stem.$1.' },
  { pattern: /^bn1\./, replacement: 'stem.7.' },
] as const satisfies readonly NameRule[];
