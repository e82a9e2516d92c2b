/**
 * Twins' building blocks (Chu et al., arXiv 2104.13840, section 3), with mmseg's parameter names. Everywhere [N, C, H, W] in
 * and out.
 */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { feedForward } from '../layers/feed_forward.js';
import { multiheadAttention } from '../layers/multihead_attention.js';

export interface TwinsBlockOptions {
  readonly heads: number;
  readonly bias: boolean;
  /** Hidden channels of the feed-forward network. */
  readonly hidden: number;
  /** Pixels attend to a coarser map (global), or to those of their own window (local). */
  readonly reach:
    | { readonly kind: 'global'; readonly reduction: number }
    | { readonly kind: 'local'; readonly window: number };
}

/** Of the norms in the blocks, whatever `norm_cfg` says: mmseg hands its encoder layers one of its own. */
const EPSILON = 1e-5;

/** Attention and feed-forward network, each after a norm, each residual. */
export function twinsBlock(g: GraphBuilder, input: Value, options: TwinsBlockOptions): Value {
  const normal = g.scope('norm1').layerNorm(input, EPSILON);
  const x = g.add(input, attend(g.scope('attn'), normal, options));
  const hidden = { hidden: options.hidden, activation: { type: 'GELU' } } as const;
  return g.add(x, feedForward(g.scope('ffn'), g.scope('norm2').layerNorm(x, EPSILON), hidden));
}

/** A position encoding that follows from the neighbourhood (section 3.2): a depthwise 3x3, residual. */
export function positionEncoding(g: GraphBuilder, x: Value): Value {
  return g.add(g.scope('proj').conv(x, { out: x.channels, kernel: 3, groups: x.channels }), x);
}

function attend(g: GraphBuilder, x: Value, { heads, bias, reach }: TwinsBlockOptions): Value {
  return reach.kind === 'global'
    ? globalAttention(g, x, { heads, bias, reduction: reach.reduction })
    : localAttention(g, x, { heads, bias, window: reach.window });
}

/** Global sub-sampled attention: rows that fill no window of the strided convolution are left out. */
function globalAttention(
  g: GraphBuilder,
  x: Value,
  { heads, bias, reduction }: Pick<TwinsBlockOptions, 'heads' | 'bias'> & { readonly reduction: number },
): Value {
  g.reserve('attn', 'sr', 'norm');
  const windows = { out: x.channels, kernel: reduction, stride: reduction, pad: 0 };
  const context = reduction > 1 ? g.scope('norm').layerNorm(g.scope('sr').conv(x, windows), EPSILON) : x;
  return multiheadAttention(g.scope('attn'), x, context, { heads, bias });
}

/** Locally grouped attention: in windows side by side, of a map that is padded until they fit. */
function localAttention(
  g: GraphBuilder,
  x: Value,
  { heads, bias, window }: Pick<TwinsBlockOptions, 'heads' | 'bias'> & { readonly window: number },
): Value {
  const { channels } = x;
  const padded = g.emit('padToMultiple', [x], { divisor: window });
  const roles = g.scope('qkv').linear(padded, { out: 3 * channels, bias });
  const mixed = g.emit('paddedWindowAttention', [roles, x], { heads, headDim: channels / heads, window });
  return g.scope('proj').linear(g.cropLike(mixed, x), { out: channels });
}
