/** The stages of Twins-PCPVT and Twins-SVT, as mmseg builds them, and the config keys that both have. */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { layerNormSchema } from '../layers/conv_module.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import type { Feature, Pyramid } from '../registry/feature.js';
import { positionEncoding, type TwinsBlockOptions, twinsBlock } from './twins_blocks.js';

const small = z.int().positive().max(64);

/** One number a stage. */
export const perStage = (value: z.ZodType<number, number>, otherwise: readonly number[]) =>
  z.array(value).min(1).max(4).readonly().default(otherwise);

export const smallPerStage = (otherwise: readonly number[]) => perStage(small, otherwise);

/** With the defaults of PCPVT. */
export const twinsKeys = {
  in_channels: z.literal(3, { error: 'expected 3: no other form is here' }).default(3),
  embed_dims: perStage(channelCount, [64, 128, 256, 512]),
  patch_sizes: smallPerStage([4, 2, 2, 2]),
  strides: smallPerStage([4, 2, 2, 2]),
  num_heads: smallPerStage([1, 2, 4, 8]),
  mlp_ratios: smallPerStage([4, 4, 4, 4]).describe('hidden channels of the feed-forward networks a channel'),
  out_indices: outIndicesSchema,
  qkv_bias: z.boolean().default(false),
  norm_cfg: layerNormSchema.prefault({ type: 'LN' }).describe('of patches and stages; blocks have 1e-5'),
  depths: perStage(blockCount, [3, 4, 6, 3]),
  sr_ratios: smallPerStage([8, 4, 2, 1]).describe('side of the windows that keys and values are reduced by'),
  norm_after_stage: z.boolean().default(false),
};

/** Keys that concern training alone. */
export const twinsTrainingKeys = ['init_cfg', 'pretrained', 'drop_rate', 'attn_drop_rate', 'drop_path_rate'] as const;

type TwinsConfig = z.output<z.ZodObject<typeof twinsKeys>>;

/** The biases of queries, keys and values start as biases do, though they are not called so. */
export const packedStart = (name: string): number | undefined => (name.endsWith('.in_proj_bias') ? 0 : undefined);

/**
 * [N, 3, H, W] -> C_i [N, embed_dims_i, H/s_i, W/s_i], rounded up, at strides 4, 8, 16, 32 unless `strides` says otherwise
 * (those that `out_indices` names).
 * @param windows of the stages in which every second block, from the first on, attends locally; none in PCPVT.
 * @throws {LowformerError} `invalid-config` where a list has fewer numbers than there are stages.
 */
export function twinsFeatures(
  type: string,
  g: GraphBuilder,
  input: Value,
  config: TwinsConfig,
  windows?: readonly number[],
): Pyramid {
  checkStages(type, config, windows);
  g.reserve('patch_embeds', 'layers', 'position_encodings', 'norm_list');
  let [x, pixels] = [input, 1];
  const features = config.depths.map((depth, index): Feature => {
    x = patches(g.scope(`patch_embeds.${index}`), x, config, index);
    for (let i = 0; i < depth; i++) {
      x = twinsBlock(
        g.scope(`layers.${index}.${i}`),
        x,
        blockOptions(config, index, i % 2 === 0 ? windows : undefined),
      );
      // Behind the first block, which has made the neighbourhood known.
      if (i === 0) x = positionEncoding(g.scope(`position_encodings.${index}`), x);
    }
    if (config.norm_after_stage) x = g.scope(`norm_list.${index}`).layerNorm(x, config.norm_cfg.eps);
    pixels *= config.strides[index] ?? 1;
    return { value: x, stride: stride(pixels) };
  });
  return pickFeatures(type, features, config.out_indices);
}

/** Zeros stand below and to the right for what the last patches lack. */
function patches(
  g: GraphBuilder,
  x: Value,
  { embed_dims, patch_sizes, strides, norm_cfg }: TwinsConfig,
  index: number,
) {
  const kernel = patch_sizes[index] ?? 1;
  const window = { out: embed_dims[index] ?? 1, kernel, stride: strides[index] ?? 1, pad: [0, kernel - 1] } as const;
  return g.scope('norm').layerNorm(g.scope('projection').conv(x, window), norm_cfg.eps);
}

function blockOptions(
  { embed_dims, num_heads, mlp_ratios, sr_ratios, qkv_bias: bias }: TwinsConfig,
  index: number,
  windows: readonly number[] | undefined,
): TwinsBlockOptions {
  return {
    heads: num_heads[index] ?? 1,
    bias,
    hidden: (mlp_ratios[index] ?? 1) * (embed_dims[index] ?? 1),
    reach:
      windows === undefined
        ? { kind: 'global', reduction: sr_ratios[index] ?? 1 }
        : { kind: 'local', window: windows[index] ?? 1 },
  };
}

/** mmseg reads as many numbers of each list as `depths` has, and makes positions and norms for all of `embed_dims`. */
function checkStages(type: string, config: TwinsConfig, windows: readonly number[] | undefined): void {
  const { depths, embed_dims, patch_sizes, strides, num_heads, mlp_ratios, sr_ratios } = config;
  const lists = { patch_sizes, strides, num_heads, mlp_ratios, sr_ratios, ...(windows && { windiow_sizes: windows }) };
  const wrong = (key: string, expected: string, received: unknown) =>
    new LowformerError({ code: 'invalid-config', where: `${type}.${key}`, expected, received });
  const count = depths.length;
  if (embed_dims.length !== count) throw wrong('embed_dims', `${count} numbers, one for each of depths`, embed_dims);
  for (const [key, list] of Object.entries(lists)) {
    if (list.length < count) throw wrong(key, `at least ${count} numbers, one for each of depths`, list);
  }
  if (embed_dims.some((channels, i) => channels % (num_heads[i] ?? 1) !== 0)) {
    throw wrong('num_heads', 'divisors of embed_dims', num_heads);
  }
}
