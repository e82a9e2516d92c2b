/**
 * EfficientViT (Cai, Li, Hu, Gan, Han, "EfficientViT: Multi-Scale Linear Attention for High-Resolution Dense Prediction",
 * ICCV 2023, arXiv 2205.14756), with the parameter names of timm's `efficientvit_b0` to `efficientvit_b3`.
 */
import { z } from 'zod';
import { stride } from '../core/brands.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature } from '../registry/feature.js';
import { mobileBottleneck, multiScaleAttention, separable } from './efficientvit_blocks.js';
import { convLayer } from './lowformer_blocks.js';

interface Arch {
  /** Channels of the stem and of C2 to C5. */
  readonly widths: readonly [stem: number, ...stages: number[]];
  /** Blocks of the stem and of the four stages; in the last two, attention blocks after the strided one. */
  readonly depths: readonly [stem: number, ...stages: number[]];
  /** Channels of an attention head. */
  readonly headDim: number;
}

/** The family as numbers (timm's `efficientvit_mit`). */
export const EFFICIENTVIT_ARCHS = {
  b0: { widths: [8, 16, 32, 64, 128], depths: [1, 2, 2, 2, 2], headDim: 16 },
  b1: { widths: [16, 32, 64, 128, 256], depths: [1, 2, 3, 3, 4], headDim: 16 },
  b2: { widths: [24, 48, 96, 192, 384], depths: [1, 3, 4, 4, 6], headDim: 32 },
  b3: { widths: [32, 64, 128, 256, 512], depths: [1, 4, 6, 6, 9], headDim: 32 },
} as const satisfies Readonly<Record<string, Arch>>;

export type EfficientViTArch = keyof typeof EFFICIENTVIT_ARCHS;

const archNames = Object.keys(EFFICIENTVIT_ARCHS).filter(
  (name): name is EfficientViTArch => name in EFFICIENTVIT_ARCHS,
);

const schema = z.strictObject({ arch: z.enum(archNames), out_indices: outIndicesSchema });

export const efficientvit = defineBackbone({
  type: 'EfficientViT',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],
  checkpoint: { sizes: { arch: archNames } },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, { arch, out_indices }) {
    return pickFeatures('EfficientViT', stages(g, input, EFFICIENTVIT_ARCHS[arch]), out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, { widths, depths, headDim }: Arch): readonly Feature[] {
  const [stemWidth, ...stageWidths] = widths;
  const [stemDepth, ...stageDepths] = depths;
  let x = stem(g.scope('stem'), input, stemWidth, stemDepth);
  return stageWidths.map((width, index) => {
    const blocks = g.scope(`stages.${index}.blocks`);
    const depth = stageDepths[index] ?? 0;
    x = index < 2 ? convolutionStage(blocks, x, width, depth) : attentionStage(blocks, x, width, depth, headDim);
    return { value: x, stride: stride(4 * 2 ** index) };
  });
}

/** Strided 3x3, then residual blocks. [N, 3, H, W] -> [N, width, H/2, W/2]. */
function stem(g: GraphBuilder, input: Value, width: number, depth: number): Value {
  const strided = { out: width, kernel: 3, stride: 2, bias: false, norm: true, activate: true };
  let x = convLayer(g.scope('in_conv'), input, strided);
  for (let i = 0; i < depth; i++) x = g.add(separable(g.scope(`res${i}.main`), x), x);
  return x;
}

/** `depth` blocks, the first of them strided and without a shortcut. */
function convolutionStage(g: GraphBuilder, input: Value, width: number, depth: number): Value {
  const options = { out: width, expansion: 4, fewNorms: false };
  let x = mobileBottleneck(g.scope('0.main'), input, { ...options, stride: 2 });
  for (let i = 1; i < depth; i++) {
    x = g.add(mobileBottleneck(g.scope(`${i}.main`), x, { ...options, stride: 1 }), x);
  }
  return x;
}

/** A strided block, then `depth` blocks of attention and of a bottleneck, each residual. */
function attentionStage(g: GraphBuilder, input: Value, width: number, depth: number, headDim: number): Value {
  const options = { out: width, expansion: 4, fewNorms: true };
  let x = mobileBottleneck(g.scope('0.main'), input, { ...options, stride: 2 });
  for (let i = 1; i <= depth; i++) {
    const block = g.scope(String(i));
    x = g.add(multiScaleAttention(block.scope('context_module.main'), x, headDim), x);
    x = g.add(mobileBottleneck(block.scope('local_module.main'), x, { ...options, stride: 1 }), x);
  }
  return x;
}
