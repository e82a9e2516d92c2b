/**
 * FastViT's building blocks (Vasu, Gabriel, Zhu, Tuzel, Ranjan, "FastViT: A Fast Hybrid Vision Transformer using Structural
 * Reparameterization", ICCV 2023, arXiv 2303.14189, section 3.2), with timm's parameter names (fastvit.py).
 * Everywhere [N, C, H, W] in and out. `fused`: as timm's `reparameterize_model` leaves a block, one convolution for its branches.
 */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { convNorm, type MobileOneOptions, mobileOneBranches } from '../layers/mobileone_block.js';

/** Channels of one attention head. */
const HEAD_DIM = 32;

/** Three MobileOne blocks, two of them strided (section 3.2.2): [N, 3, H, W] -> [N, out, H/4, W/4]. */
export function convolutionalStem(g: GraphBuilder, input: Value, out: number, fused: boolean): Value {
  const x = mobileOne(g.scope('0'), input, { out, kernel: 3, stride: 2, groups: 1, fused });
  const y = mobileOne(g.scope('1'), x, { out, kernel: 3, stride: 2, groups: out, fused });
  return mobileOne(g.scope('2'), y, { out, kernel: 1, stride: 1, groups: 1, fused });
}

/** Between stages (section 3.2.2): a 7x7 of stride 2 for each channel with a 3x3 beside it, then a 1x1 MobileOne block. */
export function patchEmbedding(g: GraphBuilder, x: Value, out: number, fused: boolean): Value {
  const large = g.scope('proj.0');
  const convolution = { out, kernel: 7, stride: 2, groups: x.channels };
  const filtered = fused
    ? large.scope('reparam_conv').conv(x, convolution)
    : g.add(
        convNorm(large.scope('large_conv'), x, convolution),
        convNorm(large.scope('small_conv'), x, { ...convolution, kernel: 3 }),
      );
  return mobileOne(g.scope('proj.1'), filtered, { out, kernel: 1, stride: 1, groups: 1, fused });
}

/** Conditional positional encoding (section 3.2.3): a depthwise 7x7, residual. */
export function positionEncoding(g: GraphBuilder, x: Value, fused: boolean): Value {
  const convolution = { out: x.channels, kernel: 7, groups: x.channels };
  return fused ? g.scope('reparam_conv').conv(x, convolution) : g.add(g.scope('pos_enc').conv(x, convolution), x);
}

/** Token mixing by convolution, then a feed-forward network, residual. `expansion`: hidden channels a channel. */
export function repMixerBlock(g: GraphBuilder, x: Value, expansion: number, fused: boolean): Value {
  const mixed = repMixer(g.scope('token_mixer'), x, fused);
  return g.add(layerScale(g.scope('layer_scale'), feedForward(g.scope('mlp'), mixed, expansion)), mixed);
}

/** Attention, then a feed-forward network, each residual. */
export function attentionBlock(g: GraphBuilder, x: Value, expansion: number): Value {
  const attended = selfAttention(g.scope('token_mixer'), g.scope('norm').batchNorm(x));
  const y = g.add(layerScale(g.scope('layer_scale_1'), attended), x);
  return g.add(layerScale(g.scope('layer_scale_2'), feedForward(g.scope('mlp'), y, expansion)), y);
}

/** RepMixer (section 3.2.1): x + gamma * (mixer(x) - norm(x)), a depthwise MobileOne block against its batch norm alone. */
function repMixer(g: GraphBuilder, x: Value, fused: boolean): Value {
  const depthwise = { out: x.channels, kernel: 3, stride: 1, groups: x.channels, fused };
  if (fused) return mobileOneBranches(g, x, { ...depthwise, branches: 1 });
  const normal = mobileOneBranches(g.scope('norm'), x, { ...depthwise, branches: 0, pointwise: false });
  const mixed = mobileOneBranches(g.scope('mixer'), x, { ...depthwise, branches: 1 });
  const difference = g.add(mixed, g.emit('scale', [normal], { factor: -1 }));
  return g.add(x, layerScale(g.scope('layer_scale'), difference));
}

/** Attention among all pixels, 32 channels a head; `qkv` and `proj` are linear layers at every pixel. */
function selfAttention(g: GraphBuilder, x: Value): Value {
  const { channels } = x;
  const queryKeyValue = g.scope('qkv').linear(x, { out: 3 * channels, bias: false });
  const heads = { heads: channels / HEAD_DIM, headDim: HEAD_DIM, layout: 'roleFirst' } as const;
  return g.scope('proj').linear(g.emit('attention', [queryKeyValue], heads), { out: channels });
}

/** A depthwise 7x7 with batch norm, 1x1, GELU, 1x1 (section 3.2.3). */
function feedForward(g: GraphBuilder, x: Value, expansion: number): Value {
  const { channels } = x;
  const filtered = convNorm(g.scope('conv'), x, { out: channels, kernel: 7, stride: 1, groups: channels });
  const hidden = g.scope('fc1').conv(filtered, { out: channels * expansion, kernel: 1 });
  return g.scope('fc2').conv(g.emit('gelu', [hidden], { approximate: 'none' }), { out: channels, kernel: 1 });
}

function layerScale(g: GraphBuilder, x: Value): Value {
  return g.emit('channelScale', [x], {});
}

/** Branches and GELU. */
function mobileOne(g: GraphBuilder, x: Value, options: Omit<MobileOneOptions, 'branches'>): Value {
  return g.emit('gelu', [mobileOneBranches(g, x, { ...options, branches: 1 })], { approximate: 'none' });
}
