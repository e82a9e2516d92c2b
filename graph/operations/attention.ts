import { first, invalid, mapShape, type Operation, second } from './operation.js';

export interface AttentionAttributes {
  readonly heads: number;
  readonly headDim: number;
  /** What scores are multiplied by; 1 / sqrt(headDim) where absent. */
  readonly scale?: number;
}

/** @returns what scores are multiplied by. */
export function scoreScale({ headDim, scale = 1 / Math.sqrt(headDim) }: Omit<AttentionAttributes, 'heads'>): number {
  return scale;
}

export interface SelfAttentionAttributes extends AttentionAttributes {
  /** Order of the channels: each head's query, key and value together (`headFirst`, the default), or all heads' queries first. */
  readonly layout?: 'headFirst' | 'roleFirst';
}

/**
 * Scaled dot-product attention among all pixels of a map (Vaswani et al., arXiv 1706.03762, section 3.2.1).
 * In: [N, 3 * heads * headDim, H, W] of queries, keys and values, as `layout` orders them. Out: [N, heads * headDim, H, W].
 * Scores are multiplied by `scale`.
 */
export const attention: Operation<SelfAttentionAttributes> = {
  inputs: 1,
  result: (inputs, { heads, headDim }) => {
    const { channels } = first(inputs);
    if (channels !== 3 * heads * headDim)
      throw invalid(`${3 * heads * headDim} channels of query, key, value`, channels);
    return { kind: 'map', channels: heads * headDim };
  },
  shape: (inputs, { heads, headDim }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return [n, heads * headDim, h, w];
  },
  macs: (inputs, _output, { heads, headDim }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return 2 * n * heads * headDim * (h * w) ** 2;
  },
};

/**
 * Scaled dot-product attention of all pixels of one map to all pixels of another, often a coarser one (PVT, FAT).
 * In: queries [N, heads * headDim, H, W]; keys and values [N, 2 * heads * headDim, h, w], the keys of all heads before the
 * values. Out: [N, heads * headDim, H, W]. Scores are multiplied by `scale`.
 */
export const crossAttention: Operation<AttentionAttributes> = {
  inputs: 2,
  result: (inputs, { heads, headDim }) => {
    const [queries, keysValues] = [first(inputs).channels, second(inputs).channels];
    const channels = heads * headDim;
    if (queries !== channels) throw invalid(`${channels} channels of queries`, queries);
    if (keysValues !== 2 * channels) throw invalid(`${2 * channels} channels of keys and values`, keysValues);
    return { kind: 'map', channels };
  },
  shape: (inputs) => {
    const [queries, keysValues] = [mapShape(first(inputs)), mapShape(second(inputs))];
    if (queries[0] !== keysValues[0]) throw invalid(`a batch of ${queries[0]} keys and values`, keysValues[0]);
    return queries;
  },
  macs: (inputs, _output, { heads, headDim }) => {
    const [n, , h, w] = mapShape(first(inputs));
    const [, , keyHeight, keyWidth] = mapShape(second(inputs));
    return 2 * n * heads * headDim * h * w * keyHeight * keyWidth;
  },
};
