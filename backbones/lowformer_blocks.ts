/**
 * LowFormer's building blocks (arXiv 2409.03460, section 4), with the parameter names of the official code.
 * Everywhere [N, C, H, W] in and out; batch norm epsilon 1e-5 throughout.
 */
import type { ConvOptions, GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export interface BottleneckOptions {
  readonly out: number;
  readonly stride: number;
  /** Hidden channels a channel that comes in. */
  readonly expansion: number;
}

interface LayerOptions extends ConvOptions {
  readonly norm: boolean;
  readonly activate: boolean;
}

/** A convolution `conv`, batch norm `norm` and hard-swish, the last two as asked. */
export function convLayer(g: GraphBuilder, x: Value, { norm, activate, ...options }: LayerOptions): Value {
  const convolved = g.scope('conv').conv(x, options);
  const normalised = norm ? g.scope('norm').batchNorm(convolved) : convolved;
  return activate ? g.emit('hardswish', [normalised], {}) : normalised;
}

/** Fused inverted bottleneck: a dense 3x3 that widens, and a 1x1 that narrows. `bias` is the 3x3's own, before its norm. */
export function fusedBottleneck(
  g: GraphBuilder,
  x: Value,
  { out, stride, expansion, bias }: BottleneckOptions & { readonly bias: boolean },
): Value {
  const hidden = Math.round(x.channels * expansion);
  const spatial = { out: hidden, kernel: 3, stride, bias, norm: true, activate: true };
  const widened = convLayer(g.scope('spatial_conv'), x, spatial);
  return convLayer(g.scope('point_conv'), widened, { out, kernel: 1, bias: false, norm: true, activate: false });
}

/** Inverted bottleneck (MobileNetV2): 1x1 that widens, depthwise 3x3, 1x1 that narrows; only the last has a norm. */
export function bottleneck(
  g: GraphBuilder,
  x: Value,
  { out, stride, expansion, bias, grouping }: BottleneckOptions & { readonly bias: boolean; readonly grouping: number },
): Value {
  const hidden = Math.round(x.channels * expansion);
  const pointwise = { kernel: 1, groups: grouping };
  const widened = convLayer(g.scope('inverted_conv'), x, {
    ...pointwise,
    out: hidden,
    bias,
    norm: false,
    activate: true,
  });
  const depthwise = { out: hidden, kernel: 3, stride, groups: hidden, bias, norm: false, activate: true };
  const filtered = convLayer(g.scope('depth_conv'), widened, depthwise);
  return convLayer(g.scope('point_conv'), filtered, { ...pointwise, out, bias: false, norm: true, activate: false });
}

/** Heads of half the channels together, about 30 wide before halving, as the official code divides them. */
export function attentionHeads(channels: number): { readonly heads: number; readonly headDim: number } {
  const heads = Math.max(1, Math.floor((channels * 0.5) / 30));
  return { heads, headDim: Math.floor(Math.floor(channels / heads) * 0.5) };
}

/**
 * Lowtention (section 4.2): a depthwise convolution, strided by 2 where attention is to be cheap, a 1x1 to query, key and
 * value of half the channels, attention among the remaining pixels, and a transposed convolution back to size and channels.
 * `fused`: the output projection is part of a dense transposed convolution; else a 1x1 before a depthwise one.
 */
export function lowtention(
  g: GraphBuilder,
  x: Value,
  { stride, fused }: { readonly stride: 1 | 2; readonly fused: boolean },
): Value {
  const { channels } = x;
  const { heads, headDim } = attentionHeads(channels);
  const projection = g.scope('conv_proj');
  const depthwise = { out: channels, kernel: stride > 1 ? 5 : 3, stride, groups: channels, bias: false };
  const lowered = projection.scope('1').batchNorm(projection.scope('0').conv(x, depthwise));
  const queryKeyValue = g.scope('pwise.0').conv(lowered, { out: 3 * heads * headDim, kernel: 1, bias: false });
  const mixed = g.emit('attention', [queryKeyValue], { heads, headDim });
  const projected = fused ? mixed : g.scope('o_proj').conv(mixed, { out: channels, kernel: 1 });
  const size = stride > 1 ? { kernel: 2 * stride, stride, pad: stride >> 1 } : { kernel: 3, stride: 1, pad: 1 };
  const restored = g
    .scope('upsampling')
    .convTranspose(projected, { out: channels, groups: fused ? 1 : channels, ...size });
  // An odd size comes back one pixel larger.
  return stride > 1 ? g.cropLike(restored, x) : restored;
}

/** Group norm over everything, 1x1, GELU, 1x1: names `0`, `1`, `3`. */
export function multilayerPerceptron(g: GraphBuilder, x: Value, expansion: number): Value {
  const normal = g.scope('0').groupNorm(x, 1);
  const hidden = g.scope('1').conv(normal, { out: x.channels * expansion, kernel: 1 });
  const activated = g.emit('gelu', [hidden], { approximate: 'none' });
  return g.scope('3').conv(activated, { out: x.channels, kernel: 1 });
}
