/**
 * FAT's building blocks (Fan, Huang, Zhou, He, "Lightweight Vision Transformer with Bidirectional Interaction", NeurIPS
 * 2023, arXiv 2306.00396, section 3), with the parameter names of the public code (github.com/qhfan/FAT, models.py).
 * Everywhere [N, C, H, W] in and out; norm epsilons 1e-5, every convolution with a bias.
 */
import type { ConvOptions, GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';

export interface BlockOptions {
  /** Channels out; more than come in only where the block is strided. */
  readonly out: number;
  /** 2 halves height and width, odd ones rounded up. */
  readonly stride: 1 | 2;
  /** Of the position encoding and of the local branch beside the attention. */
  readonly kernel: number;
  readonly heads: number;
  /** Factor, a power of two, by which keys and values are pooled. */
  readonly pooling: number;
  /** Hidden channels of the feed-forward network a channel that comes in. */
  readonly expansion: number;
}

/** Kernel of the depthwise convolutions that pool, that downsample, and that stand in the feed-forward network. */
const DEPTHWISE_KERNEL = 5;

/** A convolution a channel, as large as the map divided by the stride (rounded up). */
function depthwise(g: GraphBuilder, x: Value, options: Omit<ConvOptions, 'out' | 'groups'>): Value {
  return g.conv(x, { ...options, out: x.channels, groups: x.channels });
}

/** Four 3x3 convolutions with batch norm and ReLU, two of them strided, a 1x1, group norm. [N, 3, H, W] -> [N, out, H/4, W/4]. */
export function patchEmbedding(g: GraphBuilder, input: Value, out: number): Value {
  const layers = [
    { out: out / 2, stride: 2 },
    { out, stride: 2 },
    { out, stride: 1 },
    { out, stride: 1 },
  ];
  const x = layers.reduce((value, layer, i) => {
    const conv = g.scope(`conv${i + 1}.conv`);
    return g.relu(conv.scope('1').batchNorm(conv.scope('0').conv(value, { ...layer, kernel: 3 })));
  }, input);
  return g.scope('layernorm').groupNorm(g.scope('conv5').conv(x, { out, kernel: 1 }), 1);
}

/** Position encoding, attention and feed-forward network, each residual; the last one over a strided shortcut where `stride` is 2. */
export function fatBlock(g: GraphBuilder, input: Value, options: BlockOptions): Value {
  const { kernel, stride, out, expansion } = options;
  const placed = g.add(input, depthwise(g.scope('cpe'), input, { kernel }));
  const x = g.add(placed, adaptiveSelfAttention(g.scope('attn'), g.scope('norm1').groupNorm(placed, 1), options));
  const normal = g.scope('norm2').groupNorm(x, 1);
  const shortcut = stride === 1 ? x : downsample(g.scope('downsample'), x, out);
  const hidden = x.channels * expansion;
  return g.add(shortcut, convolutionalFeedForward(g.scope('ffn'), normal, { hidden, out, stride }));
}

function downsample(g: GraphBuilder, x: Value, out: number): Value {
  const halved = depthwise(g.scope('0'), x, { kernel: DEPTHWISE_KERNEL, stride: 2 });
  return g.scope('2').conv(g.scope('1').batchNorm(halved), { out, kernel: 1 });
}

/**
 * Fully adaptive self-attention (section 3.2): a local branch, a depthwise convolution of the queries, and a global one,
 * attention of all pixels to a pooled map, multiplied with each other after each was gated.
 *
 * The public code computes (a * sigmoid(a) * sigmoid(b)) * b for a local and b global, which is silu(a) * silu(b).
 */
function adaptiveSelfAttention(g: GraphBuilder, x: Value, { kernel, heads, pooling }: BlockOptions): Value {
  g.reserve('q', 'kv', 'local_mixer', 'mixer', 'pool');
  const { channels } = x;
  const query = g.scope('q').conv(x, { out: channels, kernel: 1 });
  const keyValue = g.scope('kv').conv(pool(g.scope('pool'), x, pooling), { out: 2 * channels, kernel: 1 });
  const global = g.emit('crossAttention', [query, keyValue], { heads, headDim: channels / heads });
  const local = depthwise(g.scope('local_mixer'), query, { kernel });
  const mixed = g.emit('multiply', [g.emit('silu', [local], {}), g.emit('silu', [global], {})], {});
  return g.scope('mixer').conv(mixed, { out: channels, kernel: 1 });
}

/** Depthwise convolutions of stride 2 with batch norm, between them a 1x1: [N, C, H, W] -> [N, C, H/factor, W/factor], rounded up. */
function pool(g: GraphBuilder, input: Value, factor: number): Value {
  let x = input;
  for (let i = 0; 2 ** i < factor; i++) {
    if (i > 0) x = g.scope(`linear${i - 1}`).conv(x, { out: x.channels, kernel: 1 });
    x = g.scope(`bn${i}`).batchNorm(depthwise(g.scope(`conv${i}`), x, { kernel: DEPTHWISE_KERNEL, stride: 2 }));
  }
  return x;
}

/** 1x1, GELU, depthwise convolution (residual at stride 1), batch norm, 1x1. */
function convolutionalFeedForward(
  g: GraphBuilder,
  x: Value,
  { hidden, out, stride }: Pick<BlockOptions, 'out' | 'stride'> & { readonly hidden: number },
): Value {
  const widened = g.emit('gelu', [g.scope('fc1').conv(x, { out: hidden, kernel: 1 })], { approximate: 'none' });
  const filtered = depthwise(g.scope('dwconv'), widened, { kernel: DEPTHWISE_KERNEL, stride });
  const summed = stride === 1 ? g.add(widened, filtered) : filtered;
  return g.scope('fc2').conv(g.scope('bn').batchNorm(summed), { out, kernel: 1 });
}
