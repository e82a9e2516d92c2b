/**
 * CPUBone's building blocks (arXiv 2603.26425): LowFormer's with grouped convolutions and 2x2 kernels, which cost a CPU
 * less and keep it as busy. Parameter names are the official code's. Everywhere [N, C, H, W] in and out.
 */
import type { ConvOptions, GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { attentionHeads, type BottleneckOptions } from './lowformer_blocks.js';

interface LayerOptions extends Omit<ConvOptions, 'pad'> {
  readonly norm: boolean;
  readonly activate: boolean;
}

/**
 * A convolution `conv`, batch norm `norm` and hard-swish, the last two as asked. A 2x2 kernel of stride 1 looks up and
 * to the left, its convolution named `conv.1` after the padding; one of stride 2 is not padded.
 */
function convLayer(g: GraphBuilder, x: Value, { norm, activate, ...options }: LayerOptions): Value {
  const shifted = options.kernel === 2 && options.stride !== 2;
  const pad = shifted ? ([1, 0] as const) : (options.kernel - 1) >> 1;
  const convolved = g.scope(shifted ? 'conv.1' : 'conv').conv(x, { ...options, pad });
  const normalised = norm ? g.scope('norm').batchNorm(convolved) : convolved;
  return activate ? g.emit('hardswish', [normalised], {}) : normalised;
}

interface GroupedOptions extends BottleneckOptions {
  readonly kernel: 2 | 3;
  /** Of the convolution that widens. */
  readonly groups: number;
  /** Of the convolutions before the last, beside their norms. */
  readonly bias: boolean;
}

/** The paper's grouped fused inverted bottleneck: a grouped convolution that widens, and a 1x1 that narrows. */
export function fusedBottleneck(g: GraphBuilder, x: Value, { out, expansion, ...spatial }: GroupedOptions): Value {
  const hidden = Math.round(x.channels * expansion);
  const widened = convLayer(g.scope('spatial_conv'), x, { ...spatial, out: hidden, norm: true, activate: true });
  return convLayer(g.scope('point_conv'), widened, { out, kernel: 1, bias: false, norm: true, activate: false });
}

/** The paper's grouped inverted bottleneck: a grouped 1x1 that widens, a depthwise convolution, a 1x1 that narrows. */
export function bottleneck(
  g: GraphBuilder,
  x: Value,
  { out, kernel, stride, expansion, groups, bias }: GroupedOptions,
): Value {
  const hidden = Math.round(x.channels * expansion);
  const inner = { out: hidden, bias, norm: false, activate: true };
  const widened = convLayer(g.scope('inverted_conv'), x, { ...inner, kernel: 1, groups });
  const filtered = convLayer(g.scope('depth_conv'), widened, { ...inner, kernel, stride, groups: hidden });
  return convLayer(g.scope('point_conv'), filtered, { out, kernel: 1, bias: false, norm: true, activate: false });
}

interface AttentionOptions {
  readonly stride: 1 | 2;
  /** A 2x2 kernel before the attention; else 5x5 where strided, 3x3 where not. */
  readonly smallKernel: boolean;
  /** Back to size by repeating pixels; else by a transposed convolution. */
  readonly nearest: boolean;
  /** No projection of its own: what follows the attention reads its channels. */
  readonly fused: boolean;
}

/**
 * Attention among the pixels that a depthwise convolution leaves, in half the channels (LowFormer's Lowtention), and
 * back to size and channels. An odd number of rows or columns does not come back from stride 2.
 */
export function convAttention(g: GraphBuilder, x: Value, options: AttentionOptions): Value {
  const { channels } = x;
  const { stride, smallKernel, nearest, fused } = options;
  const { heads, headDim } = attentionHeads(channels);
  const kernel = smallKernel ? 2 : stride > 1 ? 5 : 3;
  const depthwise = { out: channels, kernel, stride, groups: channels, bias: false, norm: true, activate: false };
  const lowered = convLayer(g.scope('conv_proj'), x, depthwise);
  const queryKeyValue = g.scope('pwise.0').conv(lowered, { out: 3 * heads * headDim, kernel: 1, bias: false });
  const mixed = g.emit('attention', [queryKeyValue], { heads, headDim });
  if (nearest) {
    const projected = g.scope(fused ? 'upsampling.0' : 'o_proj').conv(mixed, { out: channels, kernel: 1 });
    return stride > 1 ? g.emit('resizeNearest', [projected], { factor: stride }) : projected;
  }
  const projected = fused ? mixed : g.scope('o_proj').conv(mixed, { out: channels, kernel: 1 });
  const size = stride > 1 ? { kernel: 2 * stride, stride, pad: stride >> 1 } : { kernel: 3, stride: 1, pad: 1 };
  return g.scope('upsampling').convTranspose(projected, { out: channels, groups: fused ? 1 : channels, ...size });
}
