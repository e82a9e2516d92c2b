/**
 * Swin Transformer (Liu et al., "Hierarchical Vision Transformer using Shifted Windows", ICCV 2021, arXiv 2103.14030), with
 * the keys and parameter names of mmdet 3's SwinTransformer.
 */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { activationSchema, layerNormSchema } from '../layers/conv_module.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';
import { patchEmbedding, patchMerging, swinBlock } from './swin_blocks.js';

const small = z.int().positive().max(64);
const perStage = (value: z.ZodType<number, number>, otherwise: readonly number[]) =>
  z.array(value).min(1).max(4).readonly().default(otherwise);

const schema = z.strictObject({
  in_channels: z.literal(3, { error: 'expected 3: no other form is here' }).default(3),
  embed_dims: channelCount.default(96).describe('channels of the first stage; each has twice those of the one before'),
  patch_size: small.default(4),
  window_size: small.default(7),
  mlp_ratio: small.default(4).describe('hidden channels of the feed-forward networks a channel'),
  depths: perStage(blockCount, [2, 2, 6, 2]),
  num_heads: perStage(small, [3, 6, 12, 24]),
  strides: perStage(small, [4, 2, 2, 2]).describe('that of the patches, which is their size, and 2 for each merging'),
  out_indices: outIndicesSchema,
  qkv_bias: z.boolean().default(true),
  qk_scale: z.number().positive().nullable().default(null).describe('null for 1 / sqrt(channels of a head)'),
  patch_norm: z.boolean().default(true),
  use_abs_pos_embed: z
    .literal(false, { error: 'expected false: positions of a picture’s own size are not here' })
    .default(false),
  act_cfg: activationSchema.prefault({ type: 'GELU' }),
  norm_cfg: layerNormSchema.prefault({ type: 'LN' }),
  merging_order: z
    .enum(['channelFirst', 'columnFirst'])
    .default('channelFirst')
    .describe('how merged pixels follow one another: mmdet’s unfolding, or the authors’ concatenation'),
});
type SwinConfig = z.output<typeof schema>;

export const swin = defineBackbone({
  type: 'SwinTransformer',
  schema,
  trainingKeys: [
    'init_cfg',
    'pretrained',
    'convert_weights',
    'pretrain_img_size',
    'drop_rate',
    'attn_drop_rate',
    'drop_path_rate',
    'frozen_stages',
    'with_cp',
  ],
  checkpoint: {
    // The names of the authors' code (github.com/microsoft/Swin-Transformer), and of its detectors.
    names: [
      { pattern: /^layers\.(\d)\./, replacement: 'stages.$1.' },
      { pattern: /\.attn\.(?!w_msa\.)(\w+)/, replacement: '.attn.w_msa.$1' },
      { pattern: /\.mlp\.fc1\./, replacement: '.ffn.layers.0.0.' },
      { pattern: /\.mlp\.fc2\./, replacement: '.ffn.layers.1.' },
      { pattern: /^patch_embed\.proj\./, replacement: 'patch_embed.projection.' },
    ],
    initial: (name) => (name.endsWith('.relative_position_bias_table') ? 0 : undefined),
    initCfg: () => [{ type: 'TruncNormal', layer: 'Linear', std: 0.02 }],
    form(names) {
      const merging = names.find((name) => name.endsWith('.downsample.reduction.weight'));
      if (merging === undefined) return undefined;
      return { merging_order: /(?:^|\.)layers\.\d\./.test(merging) ? 'columnFirst' : 'channelFirst' };
    },
  },

  /**
   * [N, 3, H, W] -> C_i [N, embed_dims * 2^i, H/s_i, W/s_i], rounded up, at strides 4, 8, 16, 32 (those that `out_indices`
   * names), each after a norm of its own.
   */
  build(g, input, config) {
    checkStages(config);
    // The norms of the features stand behind all stages.
    g.reserve('patch_embed', 'stages');
    const features = stages(g, input, config).map((feature, index): Feature => {
      if (!config.out_indices.includes(index)) return feature;
      return { ...feature, value: g.scope(`norm${index}`).layerNorm(feature.value, config.norm_cfg.eps) };
    });
    return pickFeatures('SwinTransformer', features, config.out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, config: SwinConfig): readonly Feature[] {
  const { depths, num_heads, window_size: window, norm_cfg, patch_norm, merging_order: order } = config;
  const norm = patch_norm ? norm_cfg.eps : undefined;
  let x = patchEmbedding(g.scope('patch_embed'), input, { out: config.embed_dims, size: config.patch_size, norm });
  return depths.map((depth, index) => {
    const stage = g.scope(`stages.${index}`);
    for (let i = 0; i < depth; i++) {
      x = swinBlock(stage.scope(`blocks.${i}`), x, {
        heads: num_heads[index] ?? 1,
        window,
        shift: i % 2 === 0 ? 0 : Math.floor(window / 2),
        bias: config.qkv_bias,
        scale: config.qk_scale,
        hidden: config.mlp_ratio * x.channels,
        activation: config.act_cfg,
        epsilon: norm_cfg.eps,
      });
    }
    const feature: Feature = { value: x, stride: stride(config.patch_size * 2 ** index) };
    if (index < depths.length - 1) x = patchMerging(stage.scope('downsample'), x, { norm, order });
    return feature;
  });
}

/** Stages as mmdet asserts them, and what alone is here of their strides. */
function checkStages({ depths, num_heads, strides, patch_size, embed_dims }: SwinConfig): void {
  const count = depths.length;
  if (num_heads.length !== count) throw mismatch('num_heads', `${count} numbers, one for each of depths`, num_heads);
  if (strides.length < count || strides.slice(1, count).some((step) => step !== 2)) {
    throw mismatch('strides', `patch_size and then 2 for each of the other ${count - 1} stages`, strides);
  }
  if (strides[0] !== patch_size) throw mismatch('strides', `${patch_size}, the patch_size, first`, strides);
  const [heads] = num_heads.filter((number, i) => (embed_dims * 2 ** i) % number !== 0);
  if (heads !== undefined) throw mismatch('num_heads', 'divisors of the channels of their stages', num_heads);
}

function mismatch(key: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `SwinTransformer.${key}`, expected, received });
}
