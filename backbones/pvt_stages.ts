/** The stages of PVT and PVT v2, as mmdet builds them, and the config keys that both have. */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { activationSchema, layerNormSchema } from '../layers/conv_module.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { TRANSFORMER_START } from '../layers/transformer_start.js';
import type { Feature, Pyramid } from '../registry/feature.js';
import { encoderLayer } from './pvt_blocks.js';

/** One number a stage. */
export const perStage = (value: z.ZodType<number, number>, otherwise: readonly number[]) =>
  z.array(value).min(1).max(4).readonly().default(otherwise);

const small = z.int().positive().max(64);

/** Of both versions. */
export const pyramidKeys = {
  in_channels: z.literal(3, { error: 'expected 3: no other form is here' }).default(3),
  embed_dims: channelCount.default(64).describe('channels of one attention head'),
  num_stages: z.int().min(1).max(4).default(4),
  num_layers: perStage(blockCount, [3, 4, 6, 3]),
  num_heads: perStage(small, [1, 2, 5, 8]).describe('attention heads of each stage, which decide its channels'),
  strides: perStage(small, [4, 2, 2, 2]),
  sr_ratios: perStage(small, [8, 4, 2, 1]).describe('side of the windows that keys and values are reduced by'),
  out_indices: outIndicesSchema,
  mlp_ratios: perStage(small, [8, 8, 4, 4]).describe('hidden channels of the feed-forward networks a channel'),
  qkv_bias: z.boolean().default(true),
  act_cfg: activationSchema.prefault({ type: 'GELU' }),
  norm_cfg: layerNormSchema.prefault({ type: 'LN', eps: 1e-6 }),
  separate_qkv: z
    .boolean()
    .default(false)
    .describe("the form of the authors' and timm's files, in which queries have a layer of their own"),
};

/** Keys that concern training alone, or how a file of weights is read before it. */
export const pyramidTrainingKeys = [
  'init_cfg',
  'pretrained',
  'convert_weights',
  'drop_rate',
  'attn_drop_rate',
  'drop_path_rate',
] as const;

/** The norms that the authors' code makes by torch's default, whatever the others' epsilon is. */
const AUTHORS_EPSILON = 1e-5;

/** What both versions know of their checkpoints: timm's names to the authors', which `separate_qkv` builds. */
export const pyramidCheckpoint = {
  names: [
    { pattern: /^patch_embed\./, replacement: 'patch_embed1.' },
    ...[0, 1, 2, 3].flatMap((index) => [
      { pattern: new RegExp(`^stages\\.${index}\\.downsample\\.`), replacement: `patch_embed${index + 1}.` },
      { pattern: new RegExp(`^stages\\.${index}\\.blocks\\.`), replacement: `block${index + 1}.` },
      { pattern: new RegExp(`^stages\\.${index}\\.norm\\.`), replacement: `norm${index + 1}.` },
    ]),
    { pattern: /\.mlp\.dwconv\.(weight|bias)$/, replacement: '.mlp.dwconv.dwconv.$1' },
  ],
  initial: packedStart,
  initCfg: () => TRANSFORMER_START,
  form(names: readonly string[]) {
    if (names.some((name) => /\.attn\.in_proj_weight$/.test(name))) return { separate_qkv: false };
    return names.some((name) => /(?:^|\.)(?:block\d|stages\.\d\.blocks)\.\d+\.attn\.q\.weight$/.test(name))
      ? { separate_qkv: true }
      : undefined;
  },
};

/** The biases of queries, keys and values start as biases do, though they are not called so. */
function packedStart(name: string): number | undefined {
  return name.endsWith('.in_proj_bias') ? 0 : undefined;
}

type PyramidConfig = z.output<z.ZodObject<typeof pyramidKeys>>;

/** Where the two versions differ. */
export interface PyramidForm {
  readonly type: string;
  readonly patchSizes: readonly number[];
  readonly paddings: readonly number[];
  /** Height and width of the pictures that the learned positions are for; absent where there are none. */
  readonly pretrainSize?: readonly [height: number, width: number];
  readonly normAfterStage: boolean;
  readonly depthwise: boolean;
}

/**
 * [N, 3, H, W] -> C_i [N, embed_dims * num_heads_i, H/s_i, W/s_i] at strides 4, 8, 16, 32 unless `strides` says otherwise.
 * @throws {LowformerError} `invalid-config` where a list has fewer or more numbers than there are stages.
 */
export function pyramidFeatures(g: GraphBuilder, input: Value, form: PyramidForm, config: PyramidConfig): Pyramid {
  checkLengths(form, config);
  const { norm_cfg, num_heads, separate_qkv: separate } = config;
  const innerEpsilon = separate ? AUTHORS_EPSILON : norm_cfg.eps;
  const placed = form.pretrainSize !== undefined;
  if (separate && placed) {
    for (const name of ['pos_embed', 'patch_embed']) g.reserve(...num_heads.map((_, index) => `${name}${index + 1}`));
  }
  let [x, pixels, patch] = [input, 1, 1];
  const features = num_heads.map((heads, index): Feature => {
    const stage = separate ? authorsStage(g, index) : listedStage(g, index, placed);
    const channels = config.embed_dims * heads;
    const [kernel, step] = [form.patchSizes[index] ?? 1, config.strides[index] ?? 1];
    const window = { out: channels, kernel, stride: step, pad: form.paddings[index] ?? 0 };
    pixels *= step;
    patch *= kernel;
    x = stage.patchNorm.layerNorm(stage.projection.conv(x, window), innerEpsilon);
    if (form.pretrainSize !== undefined) {
      // The authors' last stage has a class token before the pixels, which no feature map has a place for.
      const skip = separate && index === num_heads.length - 1 ? 1 : 0;
      const { scope, name } = stage.positions;
      x = scope.emit('positionEmbedding', [x], { ...learnedSize(form.type, form.pretrainSize, patch), name, skip });
    }
    for (let i = 0; i < (config.num_layers[index] ?? 0); i++) {
      x = encoderLayer(stage.block(i), x, {
        heads,
        qkvBias: config.qkv_bias,
        separate,
        reduction: config.sr_ratios[index] ?? 1,
        hidden: channels * (config.mlp_ratios[index] ?? 1),
        depthwise: form.depthwise,
        activation: config.act_cfg,
        epsilon: norm_cfg.eps,
        innerEpsilon,
      });
    }
    if (form.normAfterStage) x = stage.norm.layerNorm(x, norm_cfg.eps);
    return { value: x, stride: stride(pixels) };
  });
  return pickFeatures(form.type, features, config.out_indices);
}

/** Where the parameters of a stage lie. */
interface StageScopes {
  readonly projection: GraphBuilder;
  readonly patchNorm: GraphBuilder;
  readonly positions: { readonly scope: GraphBuilder; readonly name: string };
  readonly block: (index: number) => GraphBuilder;
  readonly norm: GraphBuilder;
}

/** In mmdet's lists, in which the positions count as a block. */
function listedStage(g: GraphBuilder, index: number, placed: boolean): StageScopes {
  const stage = g.scope(`layers.${index}`);
  const blocks = stage.scope('1');
  return {
    projection: stage.scope('0.projection'),
    patchNorm: stage.scope('0.norm'),
    positions: { scope: blocks.scope('0'), name: 'pos_embed' },
    block: (i) => blocks.scope(`${placed ? i + 1 : i}`),
    norm: stage.scope('2'),
  };
}

/** By the authors' names, which count from 1. */
function authorsStage(g: GraphBuilder, index: number): StageScopes {
  const number = index + 1;
  const patches = g.scope(`patch_embed${number}`);
  return {
    projection: patches.scope('proj'),
    patchNorm: patches.scope('norm'),
    positions: { scope: g, name: `pos_embed${number}` },
    block: (i) => g.scope(`block${number}.${i}`),
    norm: g.scope(`norm${number}`),
  };
}

/** The size of the map that the training pictures gave, for whose pixels positions were learned. */
function learnedSize(type: string, size: readonly [height: number, width: number], patch: number) {
  const [height, width] = [Math.floor(size[0] / patch), Math.floor(size[1] / patch)];
  if (height > 0 && width > 0) return { height, width };
  const expected = `at least ${patch} pixels a side, one position of every stage`;
  throw new LowformerError({ code: 'invalid-config', where: `${type}.pretrain_img_size`, expected, received: size });
}

function checkLengths({ type, patchSizes, paddings }: PyramidForm, config: PyramidConfig): void {
  const stages = config.num_stages;
  const { num_layers, num_heads, strides, sr_ratios, mlp_ratios } = config;
  const exact = { num_layers, num_heads, patch_sizes: patchSizes, strides, sr_ratios };
  // The reference reads as many of these as there are stages, and breaks where there are fewer.
  const enough = { mlp_ratios, paddings };
  for (const [key, list] of Object.entries({ ...exact, ...enough })) {
    if (key in enough ? list.length >= stages : list.length === stages) continue;
    const expected = `${stages} numbers, one a stage`;
    throw new LowformerError({ code: 'invalid-config', where: `${type}.${key}`, expected, received: list });
  }
}
