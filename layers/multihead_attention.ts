/** torch.nn.MultiheadAttention (Vaswani et al., arXiv 1706.03762, section 3.2.2), with its parameter names. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export interface MultiheadAttentionOptions {
  /** They divide the channels. */
  readonly heads: number;
  /** Whether the four projections have biases; `qkv_bias` of OpenMMLab's transformers. */
  readonly bias: boolean;
}

const PACKED = { weight: 'in_proj_weight', bias: 'in_proj_bias' } as const;

/**
 * All pixels of `x` attend to all pixels of `context`, which may be `x` itself or a coarser map of as many channels.
 * Parameters `in_proj_weight` [3C, C], whose rows are those of queries, keys and values, `in_proj_bias`, `out_proj.*`.
 * [N, C, H, W] and [N, C, h, w] -> [N, C, H, W].
 */
export function multiheadAttention(
  g: GraphBuilder,
  x: Value,
  context: Value,
  { heads, bias }: MultiheadAttentionOptions,
): Value {
  const { channels } = x;
  const project = (value: Value, first: number, roles: number) =>
    g.emit('packedLinear', [value], { out: roles * channels, bias, first, rows: 3 * channels, names: PACKED });
  const shares = { heads, headDim: channels / heads };
  const mixed =
    x.id === context.id
      ? g.emit('attention', [project(x, 0, 3)], { ...shares, layout: 'roleFirst' })
      : g.emit('crossAttention', [project(x, 0, 1), project(context, channels, 2)], shares);
  return g.scope('out_proj').linear(mixed, { out: channels, bias });
}
