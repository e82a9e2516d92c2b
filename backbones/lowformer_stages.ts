/**
 * The layout that LowFormer and CPUBone share: a stem, two stages of convolutions, two of attention, named as in the
 * official codes. What the blocks are made of is each network's own.
 */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { stride } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { Feature } from '../registry/feature.js';
import { type BottleneckOptions, convLayer } from './lowformer_blocks.js';

export interface Layout {
  /** Channels of the stem and of C2 to C5. */
  readonly widths: readonly number[];
  /** Blocks of the stem and of the four stages; in the last two, attention blocks after the strided one. */
  readonly depths: readonly number[];
  readonly flags: { readonly bigit: boolean; readonly huge_model: boolean };
}

const five = (value: z.ZodType<number, number>) => z.array(value).length(5).readonly();

/** Config keys of `arch: 'custom'`, beside the flags. */
export const layoutKeys = {
  widths: five(channelCount).describe('channels of the stem and of C2 to C5'),
  depths: five(blockCount).describe('blocks of the stem and of the four stages'),
};

type Block = (g: GraphBuilder, x: Value, options: BottleneckOptions) => Value;

export interface Blocks {
  /** An inverted bottleneck, without the way around it. */
  readonly local: Block;
  /** The one that halves the resolution before attention. */
  readonly strided: Block;
  /** An attention block of stage 2 (stride 16) or 3 (stride 32), with the ways around its parts. */
  readonly attention: (g: GraphBuilder, x: Value, stage: number) => Value;
}

interface StageOptions {
  readonly stage: number;
  readonly width: number;
  readonly depth: number;
  /** Expansion of the strided block. */
  readonly expansion: number;
}

/**
 * [N, 3, H, W] -> C2 to C5 at strides 4, 8, 16, 32.
 * @param name of the network, for messages.
 * @throws {LowformerError} `invalid-config` where a stage of convolutions has no block to halve the resolution.
 */
export function buildStages(
  name: string,
  g: GraphBuilder,
  input: Value,
  layout: Layout,
  blocks: Blocks,
): readonly Feature[] {
  const [stemWidth = 0, ...widths] = layout.widths;
  const [stemDepth = 0, ...depths] = layout.depths;
  const { bigit, huge_model: huge } = layout.flags;
  const empty = depths.findIndex((depth, stage) => stage < 2 && depth < 1);
  if (empty >= 0) {
    const where = `${name}: depths[${empty + 1}]`;
    const hint = 'The first block of a stage halves the resolution.';
    throw new LowformerError({ code: 'invalid-config', where, expected: 'at least 1', received: depths[empty], hint });
  }
  let x = stem(g.scope('input_stem.op_list'), input, blocks.local, stemWidth, stemDepth, huge ? 4 : 2);
  return widths.map((width, stage) => {
    const expansion = bigit || (huge && stage < 3) ? 6 : 4;
    const build = stage < 2 ? convolutionStage : attentionStage;
    x = build(g.scope(`stages.${stage}.op_list`), x, { stage, width, depth: depths[stage] ?? 0, expansion }, blocks);
    return { value: x, stride: stride(4 * 2 ** stage) };
  });
}

/** Strided 3x3, then residual blocks. [N, 3, H, W] -> [N, width, H/2, W/2]. */
function stem(g: GraphBuilder, input: Value, local: Block, width: number, depth: number, expansion: number): Value {
  let x = convLayer(g.scope('0'), input, { out: width, kernel: 3, stride: 2, bias: false, norm: true, activate: true });
  for (let i = 1; i <= depth; i++) {
    x = g.add(local(g.scope(`${i}.main`), x, { out: width, stride: 1, expansion }), x);
  }
  return x;
}

/** A strided block, then residual ones. */
function convolutionStage(
  g: GraphBuilder,
  input: Value,
  { width: out, depth, expansion }: StageOptions,
  { local }: Blocks,
): Value {
  let x = local(g.scope('0.main'), input, { out, stride: 2, expansion });
  for (let i = 1; i < depth; i++) {
    x = g.add(local(g.scope(`${i}.main`), x, { out, stride: 1, expansion: 4 }), x);
  }
  return x;
}

/** A strided block, then `depth` blocks of attention, MLP and convolution. */
function attentionStage(
  g: GraphBuilder,
  input: Value,
  { stage, width: out, depth, expansion }: StageOptions,
  { strided, attention }: Blocks,
): Value {
  let x = strided(g.scope('0.main'), input, { out, stride: 2, expansion });
  for (let i = 1; i <= depth; i++) x = attention(g.scope(`${i}.total`), x, stage);
  return x;
}
