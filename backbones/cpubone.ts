/**
 * CPUBone (Nottebaum, Dunnhofer, Micheloni, "CPUBone: Efficient Vision Backbone Design for Devices with Low
 * Parallelization Capabilities", CVPR Findings 2026, arXiv 2603.26425), with the parameter names of the official code's
 * `backbone`. LowFormer's layout; the blocks differ (`cpubone_blocks.ts`).
 */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { outIndicesSchema, pickFeatures } from '../layers/out_indices.js';
import { defineBackbone } from '../registry/define.js';
import { CPUBONE_ARCHS, type CPUBoneArch, type Flags, flagsSchema } from './cpubone_arch.js';
import { bottleneck, convAttention, fusedBottleneck } from './cpubone_blocks.js';
import { type BottleneckOptions, multilayerPerceptron } from './lowformer_blocks.js';
import { type Blocks, buildStages, layoutKeys } from './lowformer_stages.js';

const archNames = Object.keys(CPUBONE_ARCHS).filter((name): name is CPUBoneArch => name in CPUBONE_ARCHS);

const schema = z.discriminatedUnion('arch', [
  z.strictObject({ arch: z.enum(archNames), out_indices: outIndicesSchema }),
  z.strictObject({
    arch: z.literal('custom'),
    ...layoutKeys,
    flags: flagsSchema.prefault({}),
    out_indices: outIndicesSchema,
  }),
]);

export const cpubone = defineBackbone({
  type: 'CPUBone',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],
  checkpoint: {
    sizes: { arch: archNames },
    // The official code numbered the layers of `conv_proj` once, as LowFormer's still does.
    names: [
      { pattern: /\.conv_proj\.0\./, replacement: '.conv_proj.conv.' },
      { pattern: /\.conv_proj\.1\./, replacement: '.conv_proj.norm.' },
    ],
  },
  // Attention at stride 32 comes back to stride 16 by doubling: an odd size there could not be added to.
  sizeDivisor: 32,

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, H/s_i, W/s_i] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    const { widths, depths, flags } = config.arch === 'custom' ? config : CPUBONE_ARCHS[config.arch];
    const features = buildStages('CPUBone', g, input, { widths, depths, flags }, blocksOf(flags));
    return pickFeatures('CPUBone', features, config.out_indices);
  },
});

function blocksOf(flags: Flags): Blocks {
  const { fastit, just_unfused } = flags;
  return {
    local: (g, x, options) => localBlock(g, x, options, fastit && !just_unfused, flags),
    // The official code asks for `fastit` alone here: `just_unfused` leaves the strided blocks fused.
    strided: (g, x, options) => localBlock(g, x, options, fastit, flags),
    attention: (g, x, stage) => attentionBlock(g, x, stage === 2 ? 2 : 1, flags),
  };
}

/** The convolution of the blocks without attention: 3x3, no bias beside the norms. */
function localBlock(g: GraphBuilder, x: Value, options: BottleneckOptions, fused: boolean, { grouping }: Flags): Value {
  const convolve = fused ? fusedBottleneck : bottleneck;
  return convolve(g, x, { ...options, kernel: 3, groups: grouping, bias: false });
}

/** Attention, MLP (`0`) and convolution (`1`), each residual; the last is fused below 256 channels. */
function attentionBlock(g: GraphBuilder, x: Value, attentionStride: 1 | 2, flags: Flags): Value {
  const { smallk_only_lasts: smallKernel, lose_transpose: nearest, grouping: groups } = flags;
  const fused = flags.fastit && !flags.just_unfused;
  const attention = { stride: attentionStride, smallKernel, nearest, fused } as const;
  const normal = g.scope('0.0.main.0').groupNorm(x, 1);
  const attended = g.add(convAttention(g.scope('0.0.main.1'), normal, attention), x);
  const mixed = g.add(multilayerPerceptron(g.scope('0.1.main'), attended, flags.fastit ? 4 : 2), attended);
  const kernel = smallKernel ? 2 : 3;
  const options = { out: x.channels, kernel, stride: 1, expansion: 4, groups, bias: true } as const;
  const convolve = fused && x.channels < 256 ? fusedBottleneck : bottleneck;
  return g.add(convolve(g.scope('1.main'), mixed, options), mixed);
}
