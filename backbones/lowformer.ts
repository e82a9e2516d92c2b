/**
 * LowFormer (Nottebaum, Dunnhofer, Micheloni, "LowFormer: Hardware Efficient Design for Convolutional Transformer
 * Backbones", WACV 2025, arXiv 2409.03460), with the parameter names of the official code's `backbone`.
 */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import { type Flags, flagsSchema, LOWFORMER_ARCHS, type LowFormerArch } from './lowformer_arch.js';
import {
  type BottleneckOptions,
  bottleneck,
  fusedBottleneck,
  lowtention,
  multilayerPerceptron,
} from './lowformer_blocks.js';
import { type Blocks, buildStages, layoutKeys } from './lowformer_stages.js';

const archNames = Object.keys(LOWFORMER_ARCHS).filter((name): name is LowFormerArch => name in LOWFORMER_ARCHS);

const schema = z.discriminatedUnion('arch', [
  z.strictObject({ arch: z.enum(archNames), out_indices: outIndicesSchema }),
  z.strictObject({
    arch: z.literal('custom'),
    ...layoutKeys,
    flags: flagsSchema.prefault({}),
    out_indices: outIndicesSchema,
  }),
]);

export const lowformer = defineBackbone({
  type: 'LowFormer',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],
  checkpoint: { sizes: { arch: archNames } },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    const { widths, depths, flags } = config.arch === 'custom' ? config : LOWFORMER_ARCHS[config.arch];
    const features = buildStages('LowFormer', g, input, { widths, depths, flags }, blocksOf(flags));
    return pickFeatures('LowFormer', features, config.out_indices);
  },
});

function blocksOf(flags: Flags): Blocks {
  return {
    local: (g, x, options) => localBlock(g, x, options, flags),
    // The official code asks for `fastit` alone here: `just_unfused` leaves the strided blocks fused.
    strided: (g, x, options) => localBlock(g, x, options, { ...flags, just_unfused: false }),
    attention: (g, x, stage) => lowformerBlock(g, x, stage === 2 && !flags.nostrideatt ? 2 : 1, flags),
  };
}

/** The convolution of the backbone's early stages: fused where the flags say so. */
function localBlock(g: GraphBuilder, x: Value, options: BottleneckOptions, flags: Flags): Value {
  if (flags.fastit && !flags.just_unfused) return fusedBottleneck(g, x, { ...options, bias: false });
  return bottleneck(g, x, { ...options, bias: false, grouping: flags.grouping });
}

/** Attention and MLP, each residual (`0`), then a residual convolution (`1`), fused below 256 channels. */
function lowformerBlock(g: GraphBuilder, input: Value, attentionStride: 1 | 2, flags: Flags): Value {
  const x = flags.noattention ? input : context(g.scope('0'), input, attentionStride, flags);
  const local = g.scope('1.main');
  const options = { out: x.channels, stride: 1, expansion: 4, bias: true };
  const fused = flags.fastit && !flags.just_unfused && x.channels < 256;
  return g.add(
    fused ? fusedBottleneck(local, x, options) : bottleneck(local, x, { ...options, grouping: flags.grouping }),
    x,
  );
}

function context(g: GraphBuilder, x: Value, attentionStride: 1 | 2, flags: Flags): Value {
  const attention = { stride: attentionStride, fused: flags.fastit && !flags.just_unfused } as const;
  if (flags.mlpremoved || !flags.bb_convin2) return g.add(lowtention(g.scope('main'), x, attention), x);
  const normal = g.scope('0.main.0').groupNorm(x, 1);
  const attended = g.add(lowtention(g.scope('0.main.1'), normal, attention), x);
  return g.add(multilayerPerceptron(g.scope('1.main'), attended, flags.fastit ? 4 : 2), attended);
}
