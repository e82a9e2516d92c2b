/**
 * The choices that LowFormer's design rests on (arXiv 2409.03460, section 3; "Beyond MACs", IJCV 2026), each as two ways of
 * building one layer: the one it takes, and the other.
 */
import { bottleneck, convLayer, fusedBottleneck, lowtention } from '../../backbones/lowformer_blocks.js';
import type { GraphBuilder } from '../../graph/builder.js';
import type { Value } from '../../graph/value.js';

/** One way of building a layer. */
export interface BlockVariant {
  readonly name: string;
  /** Channels of the layer's maps, for the channels of the comparison. */
  readonly width: (channels: number) => number;
  /** Layers that stand for one of the other variant. */
  readonly layers: number;
  /** Channels and size of what comes in are those of what goes out. */
  readonly build: (g: GraphBuilder, x: Value) => Value;
}

export interface BlockComparison {
  readonly title: string;
  readonly first: BlockVariant;
  readonly second: BlockVariant;
  /** Which of them LowFormer takes at so many channels. */
  readonly choice: (channels: number) => 'first' | 'second';
  /** The same in words. */
  readonly choiceText: string;
  /** Larger maps are left out: a day's work, and none of LowFormer's. */
  readonly largestSide: number;
}

const same = (channels: number): number => channels;
const variant = (name: string, build: BlockVariant['build'], layers = 1, width = same): BlockVariant => ({
  name,
  width,
  layers,
  build,
});
const inverted = (x: Value) => ({ out: x.channels, stride: 1, expansion: 4, bias: false });
/** Residual, as LowFormer's layers are: without it the values of many layers in a row would shrink to subnormal numbers. */
const convolution = (g: GraphBuilder, x: Value, groups: number) => {
  const options = { out: x.channels, kernel: 3, groups, bias: false, norm: true, activate: true };
  return g.add(convLayer(g, x, options), x);
};
const dense = (g: GraphBuilder, x: Value) => convolution(g, x, 1);

/** By the name that `--only` takes. */
export const BLOCK_COMPARISONS = {
  fusion: {
    title: 'fused against unfused inverted bottlenecks',
    first: variant('fused', (g, x) => g.add(fusedBottleneck(g, x, inverted(x)), x)),
    second: variant('unfused', (g, x) => g.add(bottleneck(g, x, { ...inverted(x), grouping: 1 }), x)),
    choice: (channels) => (channels < 256 ? 'first' : 'second'),
    choiceText: 'fuses below 256 channels',
    largestSide: Number.POSITIVE_INFINITY,
  },
  depthwise: {
    title: 'dense against depthwise 3x3 convolutions',
    first: variant('dense', dense),
    second: variant('depthwise', (g, x) => convolution(g, x, x.channels)),
    choice: () => 'first',
    choiceText: 'takes dense ones',
    largestSide: Number.POSITIVE_INFINITY,
  },
  attention: {
    title: 'attention at halved against full resolution',
    first: variant('halved', (g, x) => g.add(lowtention(g, x, { stride: 2, fused: true }), x)),
    second: variant('full', (g, x) => g.add(lowtention(g, x, { stride: 1, fused: true }), x)),
    choice: () => 'first',
    choiceText: 'halves the resolution in its third stage',
    largestSide: 32,
  },
  depth: {
    title: 'one layer against four of half the width, with as many MACs',
    first: variant('wide', dense),
    second: variant('narrow', dense, 4, (channels) => Math.max(1, channels >> 1)),
    choice: () => 'first',
    choiceText: 'takes few wide layers',
    largestSide: Number.POSITIVE_INFINITY,
  },
} as const satisfies Readonly<Record<string, BlockComparison>>;

export type BlockComparisonName = keyof typeof BLOCK_COMPARISONS;
export const BLOCK_COMPARISON_NAMES = Object.keys(BLOCK_COMPARISONS).filter(
  (name): name is BlockComparisonName => name in BLOCK_COMPARISONS,
);
