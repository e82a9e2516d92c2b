/**
 * Swin Transformer's building blocks (Liu et al., arXiv 2103.14030, section 3), with mmdet's parameter names. Everywhere
 * [N, C, H, W] in and out.
 */
import type { GraphBuilder } from '../graph/builder.js';
import type { UnshuffleAttributes } from '../graph/operations/rearranging.js';
import type { Value } from '../graph/value.js';
import type { ActivationConfig } from '../layers/conv_module.js';
import { feedForward } from '../layers/feed_forward.js';

export interface PatchOptions {
  readonly out: number;
  /** Side of the patches, which lie side by side; zeros stand for what the last ones lack. */
  readonly size: number;
  /** Epsilon of the norm; undefined for none. */
  readonly norm: number | undefined;
}

/** mmdet's PatchEmbed: [N, 3, H, W] -> [N, out, H/size, W/size], rounded up. */
export function patchEmbedding(g: GraphBuilder, x: Value, { out, size, norm }: PatchOptions): Value {
  const window = { out, kernel: size, stride: size, pad: [0, size - 1] } as const;
  const patches = g.scope('projection').conv(x, window);
  return norm === undefined ? patches : g.scope('norm').layerNorm(patches, norm);
}

export interface MergingOptions extends Pick<UnshuffleAttributes, 'order'> {
  /** Epsilon of the norm; undefined for none. */
  readonly norm: number | undefined;
}

/** mmdet's PatchMerging: every 2x2 pixels become one. [N, C, H, W] -> [N, 2C, H/2, W/2], rounded up. */
export function patchMerging(g: GraphBuilder, x: Value, { norm, order }: MergingOptions): Value {
  const even = g.emit('padToMultiple', [x], { divisor: 2 });
  const merged = g.emit('pixelUnshuffle', [even], { factor: 2, order });
  const normal = norm === undefined ? merged : g.scope('norm').layerNorm(merged, norm);
  return g.scope('reduction').linear(normal, { out: 2 * x.channels, bias: false });
}

export interface SwinBlockOptions {
  readonly heads: number;
  readonly window: number;
  /** 0, or half a window in every second block. */
  readonly shift: number;
  readonly bias: boolean;
  /** What scores are multiplied by; null for 1 / sqrt(channels of a head). */
  readonly scale: number | null;
  /** Hidden channels of the feed-forward network. */
  readonly hidden: number;
  readonly activation: ActivationConfig;
  /** Of the norms. */
  readonly epsilon: number;
}

/** Attention in windows and a feed-forward network, each after a norm, each residual. */
export function swinBlock(g: GraphBuilder, input: Value, options: SwinBlockOptions): Value {
  const { epsilon } = options;
  const x = g.add(windowAttention(g.scope('attn.w_msa'), g.scope('norm1').layerNorm(input, epsilon), options), input);
  return g.add(x, feedForward(g.scope('ffn'), g.scope('norm2').layerNorm(x, epsilon), options));
}

/** Padded pixels are keys like others: the bias is what they hold. */
function windowAttention(g: GraphBuilder, x: Value, { heads, window, shift, bias, scale }: SwinBlockOptions): Value {
  const { channels } = x;
  g.reserve('relative_position_bias_table');
  const padded = g.emit('padToMultiple', [x], { divisor: window });
  const roles = g.scope('qkv').linear(padded, { out: 3 * channels, bias });
  const mixed = g.emit('shiftedWindowAttention', [roles], {
    heads,
    headDim: channels / heads,
    window,
    shift,
    positions: 'relative_position_bias_table',
    ...(scale === null ? {} : { scale }),
  });
  return g.cropLike(g.scope('proj').linear(mixed, { out: channels }), x);
}
