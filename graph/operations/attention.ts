import { first, invalid, mapShape, type Operation } from './operation.js';

export interface AttentionAttributes {
  readonly heads: number;
  readonly headDim: number;
}

/**
 * Scaled dot-product attention among all pixels of a map (Vaswani et al., arXiv 1706.03762, section 3.2.1).
 * In: [N, heads * 3 * headDim, H, W], each head's channels in the order query, key, value. Out: [N, heads * headDim, H, W].
 * Scores are divided by sqrt(headDim).
 */
export const attention: Operation<AttentionAttributes> = {
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
