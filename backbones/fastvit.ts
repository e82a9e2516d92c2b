/**
 * FastViT (Vasu, Gabriel, Zhu, Tuzel, Ranjan, "FastViT: A Fast Hybrid Vision Transformer using Structural
 * Reparameterization", ICCV 2023, arXiv 2303.14189, section 3.3), with timm's parameter names (fastvit.py).
 */
import { z } from 'zod';
import { stride } from '../core/brands.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { inferenceModeSchema, mobileOneForm } from '../layers/mobileone_block.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';
import {
  attentionBlock,
  convolutionalStem,
  patchEmbedding,
  positionEncoding,
  repMixerBlock,
} from './fastvit_blocks.js';

interface Arch {
  /** Channels of C2 to C5. */
  readonly widths: readonly number[];
  /** Blocks of the four stages. */
  readonly depths: readonly number[];
  /** Hidden channels of the feed-forward networks, a channel. */
  readonly expansion: number;
  /** Whether the last stage mixes tokens by attention, after a position encoding; the others by convolution. */
  readonly attention: boolean;
}

const WIDTHS = [64, 128, 256, 512] as const;

/** `t`: 3 hidden channels a channel, `s`: 4, `a`: attention in the last stage; the number: blocks of all stages. */
const ARCHS = {
  t8: { widths: [48, 96, 192, 384], depths: [2, 2, 4, 2], expansion: 3, attention: false },
  t12: { widths: WIDTHS, depths: [2, 2, 6, 2], expansion: 3, attention: false },
  s12: { widths: WIDTHS, depths: [2, 2, 6, 2], expansion: 4, attention: false },
  sa12: { widths: WIDTHS, depths: [2, 2, 6, 2], expansion: 4, attention: true },
  sa24: { widths: WIDTHS, depths: [4, 4, 12, 4], expansion: 4, attention: true },
} as const satisfies Readonly<Record<string, Arch>>;

const archNames = ['t8', 't12', 's12', 'sa12', 'sa24'] as const;

const schema = z.strictObject({
  arch: z.enum(archNames),
  inference_mode: inferenceModeSchema,
  out_indices: outIndicesSchema,
});

export const fastvit = defineBackbone({
  type: 'FastViT',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],
  checkpoint: {
    sizes: { arch: archNames },
    form: mobileOneForm,
    initCfg: () => [
      {
        type: 'TruncNormal',
        layer: 'Linear',
        std: 0.02,
        override: { type: 'TruncNormal', name: /\.mlp\./, layer: 'Conv2d', std: 0.02 },
      },
    ],
  },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, { arch, inference_mode: fused, out_indices }) {
    return pickFeatures('FastViT', stages(g, input, ARCHS[arch], fused), out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, { widths, ...arch }: Arch, fused: boolean): readonly Feature[] {
  let x = convolutionalStem(g.scope('stem'), input, widths[0] ?? 0, fused);
  return widths.map((width, index) => {
    x = stage(g.scope(`stages.${index}`), x, { ...arch, index, width, fused });
    return { value: x, stride: stride(4 * 2 ** index) };
  });
}

interface StageOptions extends Omit<Arch, 'widths'> {
  readonly index: number;
  readonly width: number;
  readonly fused: boolean;
}

function stage(g: GraphBuilder, input: Value, options: StageOptions): Value {
  const { index, width, depths, expansion, attention, fused } = options;
  let x = index === 0 ? input : patchEmbedding(g.scope('downsample'), input, width, fused);
  const attends = attention && index === depths.length - 1;
  if (attends) x = positionEncoding(g.scope('pos_emb'), x, fused);
  for (let i = 0; i < (depths[index] ?? 0); i++) {
    const block = g.scope(`blocks.${i}`);
    x = attends ? attentionBlock(block, x, expansion) : repMixerBlock(block, x, expansion, fused);
  }
  return x;
}
