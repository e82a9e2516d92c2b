/**
 * EfficientViT's building blocks (arXiv 2205.14756, section 3), with the parameter names of timm's `efficientvit_mit`.
 * Everywhere [N, C, H, W] in and out; batch norm epsilon 1e-5 throughout. Its convolution layer and the inverted
 * bottleneck with one norm are LowFormer's, which took them over from here.
 */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { type BottleneckOptions, bottleneck, convLayer } from './lowformer_blocks.js';

/** Depthwise separable convolution (`DSConv`): 3x3 with activation, 1x1 without, both with a norm. Keeps its channels. */
export function separable(g: GraphBuilder, x: Value): Value {
  const { channels: out } = x;
  const depthwise = { out, kernel: 3, groups: out, bias: false, norm: true, activate: true };
  const filtered = convLayer(g.scope('depth_conv'), x, depthwise);
  return convLayer(g.scope('point_conv'), filtered, { out, kernel: 1, bias: false, norm: true, activate: false });
}

/** Inverted bottleneck (`MBConv`). `fewNorms`: a norm after the last convolution alone, biases in the others. */
export function mobileBottleneck(
  g: GraphBuilder,
  x: Value,
  { fewNorms, ...options }: BottleneckOptions & { readonly fewNorms: boolean },
): Value {
  if (fewNorms) return bottleneck(g, x, { ...options, bias: true, grouping: 1 });
  const { out, stride, expansion } = options;
  const hidden = Math.round(x.channels * expansion);
  const layer = { bias: false, norm: true, activate: true };
  const widened = convLayer(g.scope('inverted_conv'), x, { ...layer, out: hidden, kernel: 1 });
  const depthwise = { ...layer, out: hidden, kernel: 3, stride, groups: hidden };
  const filtered = convLayer(g.scope('depth_conv'), widened, depthwise);
  return convLayer(g.scope('point_conv'), filtered, { ...layer, out, kernel: 1, activate: false });
}

/**
 * Multi-scale linear attention (`LiteMLA`, section 3.1): query, key and value by a 1x1, and once more from 5x5
 * neighbourhoods of them (a depthwise convolution, then a 1x1 within each third of a head); linear attention for each
 * head of either scale; a 1x1 back to the channels.
 */
export function multiScaleAttention(g: GraphBuilder, x: Value, headDim: number): Value {
  const { channels } = x;
  const heads = Math.floor(channels / headDim);
  const width = 3 * heads * headDim;
  const queryKeyValue = g.scope('qkv.conv').conv(x, { out: width, kernel: 1, bias: false });
  const wide = g.scope('aggreg.0.0').conv(queryKeyValue, { out: width, kernel: 5, groups: width, bias: false });
  const aggregated = g.scope('aggreg.0.1').conv(wide, { out: width, kernel: 1, groups: 3 * heads, bias: false });
  const scales = g.emit('concatenate', [queryKeyValue, aggregated], {});
  const mixed = g.emit('linearAttention', [scales], { heads: 2 * heads, headDim, epsilon: 1e-5 });
  return convLayer(g.scope('proj'), mixed, { out: channels, kernel: 1, bias: false, norm: true, activate: false });
}
