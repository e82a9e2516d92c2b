import type { Tensor } from '../../core/tensor.js';
import type { WeightedLayer } from './channel_classes.js';

/** The side of a layer on which a channel is: what it reads or what it makes. */
export type Side = 'inputs' | 'outputs';

/** A factor of each channel of a layer, for each of its sides: what its weights are multiplied by. */
export type SideFactors = Readonly<Record<Side, Float64Array>>;

/** The largest absolute weight of each channel. */
export interface ChannelRanges {
  /** Of each channel on one side of the layer, with every weight multiplied by the factors of both of its channels. */
  of(side: Side, factors: SideFactors): Float64Array;
}

/**
 * Reads a weight once: [out, in/groups, k, k], of a transposed convolution [in, out/groups, k, k], of a linear layer
 * [out, in]. What is kept is the largest absolute tap of each kernel.
 */
export function channelRanges({ transposed, groups, ...layer }: WeightedLayer, { shape, data }: Tensor): ChannelRanges {
  const [outer = 1, inner = 1, ...kernel] = shape;
  const area = kernel.reduce((product, extent) => product * extent, 1);
  const largest = new Float32Array(outer * inner);
  for (let i = 0, at = 0; i < largest.length; i++) {
    let most = 0;
    for (let k = 0; k < area; k++, at++) most = Math.max(most, Math.abs(data[at] ?? 0));
    largest[i] = most;
  }
  const [outerSide, innerSide] = transposed ? (['inputs', 'outputs'] as const) : (['outputs', 'inputs'] as const);
  const outerOfGroup = outer / groups;
  return {
    of(side, factors) {
      const ranges = new Float64Array(layer[side].length);
      const [byOuter, byInner] = [factors[outerSide], factors[innerSide]];
      for (let i = 0, at = 0; i < outer; i++) {
        const first = Math.floor(i / outerOfGroup) * inner;
        const factor = byOuter[i] ?? 1;
        let most = 0;
        for (let j = first; j < first + inner; j++, at++) {
          const range = (largest[at] ?? 0) * factor * (byInner[j] ?? 1);
          if (side === outerSide) most = Math.max(most, range);
          else ranges[j] = Math.max(ranges[j] ?? 0, range);
        }
        if (side === outerSide) ranges[i] = most;
      }
      return ranges;
    },
  };
}
