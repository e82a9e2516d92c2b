/**
 * The encoder layers of the Pyramid Vision Transformer (Wang et al., arXiv 2102.12122, section 3; PVT v2, arXiv 2106.13797,
 * section 3), with mmdet's parameter names. Everywhere [N, C, H, W] in and out.
 */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { type ActivationConfig, activate } from '../layers/conv_module.js';
import { multiheadAttention } from '../layers/multihead_attention.js';

export interface EncoderOptions {
  readonly heads: number;
  readonly qkvBias: boolean;
  /** Whether queries have a layer apart from that of keys and values, and all are linear layers, by the authors' names. */
  readonly separate: boolean;
  /** Side of the windows that keys and values are reduced by; 1 for none. */
  readonly reduction: number;
  /** Hidden channels of the feed-forward network. */
  readonly hidden: number;
  /** Whether a depthwise 3x3 stands in the feed-forward network (v2). */
  readonly depthwise: boolean;
  readonly activation: ActivationConfig;
  /** Of the norms before attention and feed-forward network. */
  readonly epsilon: number;
  /** Of the norm of the reduced map. */
  readonly innerEpsilon: number;
}

/** Spatial-reduction attention and feed-forward network, each after a norm, each residual. */
export function encoderLayer(g: GraphBuilder, input: Value, options: EncoderOptions): Value {
  const { epsilon } = options;
  const x = g.add(input, reducedAttention(g.scope('attn'), g.scope('norm1').layerNorm(input, epsilon), options));
  const last = options.separate ? linearFeedForward : feedForward;
  return g.add(x, last(g, g.scope('norm2').layerNorm(x, epsilon), options));
}

/** Keys and values come from a map that a convolution has made coarser (section 3.3); rows that fill no window are left out. */
function reducedAttention(g: GraphBuilder, x: Value, options: EncoderOptions): Value {
  const { heads, qkvBias, reduction, innerEpsilon } = options;
  g.reserve('attn', 'q', 'kv', 'proj', 'sr', 'norm');
  const windows = { out: x.channels, kernel: reduction, stride: reduction, pad: 0 };
  const context = reduction > 1 ? g.scope('norm').layerNorm(g.scope('sr').conv(x, windows), innerEpsilon) : x;
  if (options.separate) return separateAttention(g, x, context, options);
  return multiheadAttention(g.scope('attn'), x, context, { heads, bias: qkvBias });
}

/** Pixels of `x` attend to those of `context`, in the authors' form. */
function separateAttention(g: GraphBuilder, x: Value, context: Value, { heads, qkvBias: bias }: EncoderOptions): Value {
  const { channels } = x;
  const query = g.scope('q').linear(x, { out: channels, bias });
  const keyValue = g.scope('kv').linear(context, { out: 2 * channels, bias });
  const mixed = g.emit('crossAttention', [query, keyValue], { heads, headDim: channels / heads });
  return g.scope('proj').linear(mixed, { out: channels });
}

/** In the authors' form. */
function linearFeedForward(block: GraphBuilder, x: Value, { hidden, depthwise, activation }: EncoderOptions): Value {
  const g = block.scope('mlp');
  const widened = g.scope('fc1').linear(x, { out: hidden });
  const convolution = { out: hidden, kernel: 3, groups: hidden };
  const filtered = depthwise ? g.scope('dwconv.dwconv').conv(widened, convolution) : widened;
  const active = activation === null ? filtered : activate(g, filtered, activation);
  return g.scope('fc2').linear(active, { out: x.channels });
}

/** Numbered as in mmdet's list, in which the activation and the dropouts have places of their own. */
function feedForward(block: GraphBuilder, x: Value, { hidden, depthwise, activation }: EncoderOptions): Value {
  const g = block.scope('ffn.layers');
  const widened = g.scope('0').conv(x, { out: hidden, kernel: 1 });
  const filtered = depthwise ? g.scope('1').conv(widened, { out: hidden, kernel: 3, groups: hidden }) : widened;
  const active = activation === null ? filtered : activate(g, filtered, activation);
  return g.scope(depthwise ? '4' : '3').conv(active, { out: x.channels, kernel: 1 });
}
