/**
 * LowFormer (Nottebaum, Dunnhofer, Micheloni, "LowFormer: Hardware Efficient Design for Convolutional Transformer
 * Backbones", WACV 2025, arXiv 2409.03460), with the parameter names of the official code's `backbone`.
 */
import { z } from 'zod';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { defineBackbone } from '../registry/define.js';
import type { Feature, Pyramid } from '../registry/feature.js';
import { type Arch, type Flags, flagsSchema, LOWFORMER_ARCHS, type LowFormerArch } from './lowformer_arch.js';
import {
  type BottleneckOptions,
  bottleneck,
  convLayer,
  fusedBottleneck,
  lowtention,
  multilayerPerceptron,
} from './lowformer_blocks.js';

const archNames = Object.keys(LOWFORMER_ARCHS).filter((name): name is LowFormerArch => name in LOWFORMER_ARCHS);

const five = (value: z.ZodType<number, number>) => z.array(value).length(5).readonly();
const outIndices = z.array(z.int().min(0).max(3)).min(1).readonly().default([0, 1, 2, 3]);

const schema = z.discriminatedUnion('arch', [
  z.strictObject({ arch: z.enum(archNames), out_indices: outIndices }),
  z.strictObject({
    arch: z.literal('custom'),
    widths: five(z.int().positive()).describe('channels of the stem and of C2 to C5'),
    depths: five(z.int().min(0)).describe('blocks of the stem and of the four stages'),
    flags: flagsSchema.prefault({}),
    out_indices: outIndices,
  }),
]);

export const lowformer = defineBackbone({
  type: 'LowFormer',
  schema,
  trainingKeys: ['init_cfg', 'frozen_stages', 'norm_eval', 'drop_path_rate', 'with_cp', 'pretrained'],

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    const { widths, depths, flags } = config.arch === 'custom' ? config : LOWFORMER_ARCHS[config.arch];
    return pick(stages(g, input, { widths, depths, flags }), config.out_indices);
  },
});

function stages(g: GraphBuilder, input: Value, { widths, depths, flags }: Arch): readonly Feature[] {
  const [stemWidth = 0, ...stageWidths] = widths;
  const [stemDepth = 0, ...stageDepths] = depths;
  let x = stem(g.scope('input_stem.op_list'), input, stemWidth, stemDepth, flags);
  return stageWidths.map((width, index) => {
    const depth = stageDepths[index] ?? 0;
    const ops = g.scope(`stages.${index}.op_list`);
    x =
      index < 2
        ? convolutionStage(ops, x, { index, width, depth, flags })
        : attentionStage(ops, x, { index, width, depth, flags });
    return { value: x, stride: stride(4 * 2 ** index) };
  });
}

interface StageOptions {
  readonly index: number;
  readonly width: number;
  readonly depth: number;
  readonly flags: Flags;
}

/** Strided 3x3, then residual blocks. [N, 3, H, W] -> [N, width, H/2, W/2]. */
function stem(g: GraphBuilder, input: Value, width: number, depth: number, flags: Flags): Value {
  let x = convLayer(g.scope('0'), input, { out: width, kernel: 3, stride: 2, bias: false, norm: true, activate: true });
  for (let i = 1; i <= depth; i++) {
    const options = { out: width, stride: 1, expansion: flags.huge_model ? 4 : 2 };
    x = g.add(localBlock(g.scope(`${i}.main`), x, options, flags), x);
  }
  return x;
}

/** A strided block, then residual ones. */
function convolutionStage(g: GraphBuilder, input: Value, { index, width, depth, flags }: StageOptions): Value {
  if (depth < 1) {
    const where = `LowFormer: depths[${index + 1}]`;
    const hint = 'The first block of a stage halves the resolution.';
    throw new LowformerError({ code: 'invalid-config', where, expected: 'at least 1', received: depth, hint });
  }
  const wide = flags.bigit || flags.huge_model ? 6 : 4;
  let x = localBlock(g.scope('0.main'), input, { out: width, stride: 2, expansion: wide }, flags);
  for (let i = 1; i < depth; i++) {
    x = g.add(localBlock(g.scope(`${i}.main`), x, { out: width, stride: 1, expansion: 4 }, flags), x);
  }
  return x;
}

/** A strided block, then `depth` blocks of attention, MLP and convolution. */
function attentionStage(g: GraphBuilder, input: Value, { index, width, depth, flags }: StageOptions): Value {
  const wide = flags.bigit || (flags.huge_model && index === 2) ? 6 : 4;
  // The official code asks for `fastit` alone here: `just_unfused` leaves the strided blocks fused.
  const options = { out: width, stride: 2, expansion: wide };
  let x = localBlock(g.scope('0.main'), input, options, { ...flags, just_unfused: false });
  const attentionStride = index === 2 && !flags.nostrideatt ? 2 : 1;
  for (let i = 1; i <= depth; i++) x = lowformerBlock(g.scope(`${i}.total`), x, attentionStride, flags);
  return x;
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

function pick(features: readonly Feature[], indices: readonly number[]): Pyramid {
  const [finest, ...coarser] = features.filter((_, index) => indices.includes(index));
  if (finest === undefined) {
    throw new LowformerError({
      code: 'invalid-config',
      where: 'LowFormer.out_indices',
      expected: 'at least one of 0 to 3',
      received: indices,
    });
  }
  return [finest, ...coarser];
}
