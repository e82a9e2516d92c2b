/**
 * PoolFormer (Yu, Luo, Zhou, Si, Zhou, Wang, Feng, Yan, "MetaFormer Is Actually What You Need for Vision", CVPR 2022, arXiv
 * 2111.11418), in mmpretrain's form and with its parameter names, which are the authors' but for the last norm's.
 */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { activationSchema, groupNormSchema } from '../layers/conv_module.js';
import { pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';
import { poolFormerBlock } from './poolformer_blocks.js';

interface Arch {
  /** Blocks of the four stages. */
  readonly layers: readonly number[];
  /** Channels of C2 to C5. */
  readonly embed_dims: readonly number[];
  readonly mlp_ratios: readonly number[];
  /** What the learned factor of each channel starts as. */
  readonly layer_scale_init_value: number;
}

const arch = (layers: readonly number[], embed_dims: readonly number[], layer_scale_init_value: number): Arch => ({
  ...{ layers, embed_dims, mlp_ratios: [4, 4, 4, 4], layer_scale_init_value },
});
const [SMALL, MEDIUM] = [
  [64, 128, 320, 512],
  [96, 192, 384, 768],
];

/** The family as numbers (arXiv 2111.11418, table 1). */
export const POOLFORMER_ARCHS = {
  s12: arch([2, 2, 6, 2], SMALL, 1e-5),
  s24: arch([4, 4, 12, 4], SMALL, 1e-5),
  s36: arch([6, 6, 18, 6], SMALL, 1e-6),
  m36: arch([6, 6, 18, 6], MEDIUM, 1e-6),
  m48: arch([8, 8, 24, 8], MEDIUM, 1e-6),
} as const satisfies Readonly<Record<string, Arch>>;

export type PoolFormerArch = keyof typeof POOLFORMER_ARCHS;
const archNames = Object.keys(POOLFORMER_ARCHS).filter((name): name is PoolFormerArch => name in POOLFORMER_ARCHS);

const four = (value: z.ZodType<number, number>) => z.array(value).length(4).readonly();
const ownArch = z.strictObject({
  layers: four(blockCount),
  embed_dims: four(channelCount),
  mlp_ratios: four(z.number().positive().max(64)).default([4, 4, 4, 4]),
  layer_scale_init_value: z.number().default(1e-5),
});

const side = z.int().positive().max(64);
const padding = z.int().min(0).max(64);

/** What the network is a list of: four stages, and between them three that downsample. */
const PARTS = 7;
const index = z
  .int()
  .min(-PARTS)
  .max(PARTS - 1);

const schema = z.strictObject({
  arch: z.union([z.enum(archNames), ownArch]).default('s12'),
  pool_size: side.refine((size) => size % 2 === 1, 'expected an odd number').default(3),
  norm_cfg: groupNormSchema.prefault({ type: 'GN', num_groups: 1 }),
  act_cfg: activationSchema.prefault({ type: 'GELU' }),
  in_patch_size: side.default(7),
  in_stride: side.default(4),
  in_pad: padding.default(2),
  down_patch_size: side.default(3),
  down_stride: side.default(2),
  down_pad: padding.default(1),
  out_indices: z
    .union([index, z.array(index).min(1).readonly()])
    .default(-1)
    .describe('0, 2, 4, 6 are the stages, 1, 3, 5 what downsamples between them; -1 is the last'),
});
type Config = z.output<typeof schema>;

export const poolformer = defineBackbone({
  type: 'PoolFormer',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'drop_rate', 'drop_path_rate'],
  checkpoint: {
    sizes: { arch: archNames },
    names: [{ pattern: /^norm\./, replacement: 'norm6.' }],
    initial: (name, _, config) =>
      /\.layer_scale_[12]$/.test(name) ? archOf(config).layer_scale_init_value : undefined,
  },

  /**
   * [N, 3, H, W] -> what `out_indices` names, finest first: the stages [N, C_i, H/s_i, W/s_i] at strides 4, 8, 16, 32, each
   * after a norm of its own. Odd sizes are rounded as the paddings say.
   */
  build(g, input, config) {
    const given = typeof config.out_indices === 'number' ? [config.out_indices] : config.out_indices;
    const indices = given.map((i) => (i < 0 ? PARTS + i : i));
    g.reserve('patch_embed', 'network', ...indices.map((i) => `norm${i}`));
    const { num_groups, eps } = config.norm_cfg;
    const features = parts(g, input, config).map((feature, i) => {
      if (!indices.includes(i)) return feature;
      return { ...feature, value: g.scope(`norm${i}`).groupNorm(feature.value, num_groups, eps) };
    });
    return pickFeatures('PoolFormer', features, indices);
  },
});

const archOf = ({ arch }: Config): Arch => (typeof arch === 'string' ? POOLFORMER_ARCHS[arch] : arch);

/** Stages and downsampling by turns. */
function parts(g: GraphBuilder, input: Value, config: Config): readonly Feature[] {
  const { layers, embed_dims, mlp_ratios } = archOf(config);
  const { num_groups: groups, eps: epsilon } = config.norm_cfg;
  const stem = { kernel: config.in_patch_size, stride: config.in_stride, pad: config.in_pad };
  const down = { kernel: config.down_patch_size, stride: config.down_stride, pad: config.down_pad };
  let x = g.scope('patch_embed.proj').conv(input, { out: embed_dims[0] ?? 0, ...stem });
  let pixels = stem.stride;
  return embed_dims.flatMap((width, stage) => {
    const found: Feature[] = [];
    if (stage > 0) {
      checkWidths(embed_dims, width, stage);
      x = g.scope(`network.${2 * stage - 1}.proj`).conv(x, { out: width, ...down });
      pixels *= down.stride;
      found.push({ value: x, stride: stride(pixels) });
    }
    const hidden = Math.floor(width * (mlp_ratios[stage] ?? 1));
    const options = { pool: config.pool_size, hidden, activation: config.act_cfg, groups, epsilon };
    for (let i = 0; i < (layers[stage] ?? 0); i++) {
      x = poolFormerBlock(g.scope(`network.${2 * stage}.${i}`), x, options);
    }
    return [...found, { value: x, stride: stride(pixels) }];
  });
}

/** The reference downsamples only where the width changes, and numbers what follows accordingly. */
function checkWidths(widths: readonly number[], width: number, stage: number): void {
  if (width !== widths[stage - 1]) return;
  const expected = 'another width in each stage than in the one before';
  throw new LowformerError({ code: 'invalid-config', where: 'PoolFormer.arch.embed_dims', expected, received: widths });
}
