/**
 * EfficientNet (Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019, arXiv
 * 1905.11946), with the parameter names of timm's `efficientnet_b0` to `efficientnet_b4`. Norm epsilons 1e-5.
 */
import { stride } from '../core/brands.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import type { Feature, Pyramid } from '../registry/feature.js';

/** Section 3.3: how much wider and deeper than B0. */
export const EFFICIENTNET_SCALES = {
  b0: { width: 1, depth: 1 },
  b1: { width: 1, depth: 1.1 },
  b2: { width: 1.1, depth: 1.2 },
  b3: { width: 1.2, depth: 1.4 },
  b4: { width: 1.4, depth: 1.8 },
} as const;

export type EfficientNetScale = keyof typeof EFFICIENTNET_SCALES;

interface Stage {
  readonly blocks: number;
  readonly kernel: number;
  readonly stride: 1 | 2;
  /** Channels of the depthwise convolution, a channel that comes in. */
  readonly expansion: number;
  readonly out: number;
}

/** B0 (table 1). */
const STAGES: readonly Stage[] = [
  { blocks: 1, kernel: 3, stride: 1, expansion: 1, out: 16 },
  { blocks: 2, kernel: 3, stride: 2, expansion: 6, out: 24 },
  { blocks: 2, kernel: 5, stride: 2, expansion: 6, out: 40 },
  { blocks: 3, kernel: 3, stride: 2, expansion: 6, out: 80 },
  { blocks: 3, kernel: 5, stride: 1, expansion: 6, out: 112 },
  { blocks: 4, kernel: 5, stride: 2, expansion: 6, out: 192 },
  { blocks: 1, kernel: 3, stride: 1, expansion: 6, out: 320 },
];
const STEM = 32;
/** Channels between squeeze and excitation, a channel that comes into the block. */
const SQUEEZED = 0.25;

/** [N, 3, H, W] -> the last map of each stride, [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 2, 4, 8, 16, 32. */
export function efficientnetFeatures(g: GraphBuilder, input: Value, scale: EfficientNetScale): Pyramid {
  const { width, depth } = EFFICIENTNET_SCALES[scale];
  const stem = g.scope('conv_stem').conv(input, { out: rounded(STEM * width), kernel: 3, stride: 2, bias: false });
  let x = silu(g, g.scope('bn1').batchNorm(stem));
  let pixels = 2;
  const features = STAGES.map((stage, index): Feature => {
    const options = { ...stage, out: rounded(stage.out * width) };
    const blocks = Math.ceil(stage.blocks * depth);
    pixels *= stage.stride;
    for (let i = 0; i < blocks; i++) {
      x = invertedResidual(g.scope(`blocks.${index}.${i}`), x, { ...options, stride: i === 0 ? stage.stride : 1 });
    }
    return { value: x, stride: stride(pixels) };
  });
  const last = features.filter((feature, i) => features[i + 1]?.stride !== feature.stride);
  const [finest = { value: x, stride: stride(pixels) }, ...coarser] = last;
  return [finest, ...coarser];
}

/** Eights of channels: rounded, but by no more than a tenth down (timm's `make_divisible`). */
function rounded(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

/** 1x1 that widens (unless it would not), depthwise, squeeze and excitation, 1x1; residual where the shape stays. */
function invertedResidual(
  g: GraphBuilder,
  input: Value,
  { expansion, kernel, stride, out }: Omit<Stage, 'blocks'>,
): Value {
  const plain = expansion === 1;
  const width = input.channels * expansion;
  const [first, second, third] = plain ? ['', 'bn1', 'bn2'] : ['bn1', 'bn2', 'bn3'];
  const widened = plain
    ? input
    : silu(g, g.scope(first).batchNorm(g.scope('conv_pw').conv(input, { out: width, kernel: 1, bias: false })));
  const depthwise = { out: width, kernel, stride, groups: width, bias: false };
  const filtered = silu(g, g.scope(second).batchNorm(g.scope('conv_dw').conv(widened, depthwise)));
  const weighed = squeezeExcite(g.scope('se'), filtered, Math.round(input.channels * SQUEEZED));
  const projected = g.scope(plain ? 'conv_pw' : 'conv_pwl').conv(weighed, { out, kernel: 1, bias: false });
  const x = g.scope(third).batchNorm(projected);
  return stride === 1 && out === input.channels ? g.add(x, input) : x;
}

/** Every channel times a factor that follows from the means of all (arXiv 1709.01507, section 3), by SiLU between. */
function squeezeExcite(g: GraphBuilder, x: Value, squeezed: number): Value {
  const mean = g.emit('averageToPixel', [x], {});
  const reduced = silu(g, g.scope('conv_reduce').conv(mean, { out: squeezed, kernel: 1 }));
  const factors = g.scope('conv_expand').conv(reduced, { out: x.channels, kernel: 1 });
  return g.emit('gate', [x, g.emit('sigmoid', [factors], {})], {});
}

const silu = (g: GraphBuilder, x: Value): Value => g.emit('silu', [x], {});
