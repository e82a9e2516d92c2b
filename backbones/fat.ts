/**
 * FAT (Fan, Huang, Zhou, He, "Lightweight Vision Transformer with Bidirectional Interaction", NeurIPS 2023, arXiv
 * 2306.00396), with the parameter names of the public code (github.com/qhfan/FAT).
 */
import { z } from 'zod';
import { stride } from '../core/brands.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';
import { type BlockOptions, fatBlock, patchEmbedding } from './fat_blocks.js';

interface Arch {
  /** Channels of C2 to C5. */
  readonly widths: readonly number[];
  /** Blocks of the four stages. */
  readonly depths: readonly number[];
  /** Attention heads of the four stages. */
  readonly heads: readonly number[];
}

/** The family as numbers (the public code's configs). */
export const FAT_ARCHS = {
  b0: { widths: [32, 80, 160, 256], depths: [2, 2, 6, 2], heads: [2, 5, 10, 16] },
  b1: { widths: [48, 96, 192, 384], depths: [2, 2, 6, 2], heads: [3, 6, 12, 24] },
  b2: { widths: [64, 128, 256, 512], depths: [2, 2, 6, 2], heads: [2, 4, 8, 16] },
  b3: { widths: [64, 128, 256, 512], depths: [4, 4, 16, 4], heads: [2, 4, 8, 16] },
} as const satisfies Readonly<Record<string, Arch>>;

export type FATArch = keyof typeof FAT_ARCHS;

/** What the stages of every size share: the finer the map, the smaller the kernels and the more keys are pooled. */
const STAGES = [
  { kernel: 3, pooling: 8 },
  { kernel: 5, pooling: 4 },
  { kernel: 7, pooling: 2 },
  { kernel: 9, pooling: 1 },
] as const;
const EXPANSION = 4;

const archNames = Object.keys(FAT_ARCHS).filter((name): name is FATArch => name in FAT_ARCHS);

const schema = z.strictObject({
  arch: z.enum(archNames),
  out_indices: outIndicesSchema,
});

export const fat = defineBackbone({
  type: 'FAT',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'use_checkpoint', 'pretrained'],
  checkpoint: { sizes: { arch: archNames } },

  /**
   * [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names):
   * what enters each stage's strided last block, and what leaves the last stage.
   */
  build(g, input, { arch, out_indices }) {
    return pickFeatures('FAT', stages(g, input, FAT_ARCHS[arch]), out_indices);
  },
});

/** A stage's last block halves the resolution and widens for the next one, so its feature lies before that block. */
function stages(g: GraphBuilder, input: Value, { widths, depths, heads }: Arch): readonly Feature[] {
  let x = patchEmbedding(g.scope('patch_embed'), input, widths[0] ?? 0);
  return STAGES.map((stage, index) => {
    const blocks = g.scope(`layers.${index}.blocks`);
    const [width = 0, nextWidth] = widths.slice(index);
    const depth = depths[index] ?? 0;
    const options: BlockOptions = { ...stage, out: width, stride: 1, heads: heads[index] ?? 1, expansion: EXPANSION };
    for (let i = 0; i < depth - 1; i++) x = fatBlock(blocks.scope(`${i}`), x, options);
    const last = blocks.scope(`${depth - 1}`);
    if (nextWidth === undefined) {
      x = fatBlock(last, x, options);
      return { value: x, stride: stride(4 * 2 ** index) };
    }
    const feature = x;
    x = fatBlock(last, x, { ...options, out: nextWidth, stride: 2 });
    return { value: feature, stride: stride(4 * 2 ** index) };
  });
}
