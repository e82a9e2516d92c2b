import type { AttentionAttributes } from './attention.js';
import { first, invalid, mapShape, type Operation } from './operation.js';

export interface LinearAttentionAttributes extends AttentionAttributes {
  /** Added to each pixel's sum of weights before the division. */
  readonly epsilon: number;
}

/**
 * Linear attention with ReLU as its kernel (Katharopoulos et al., arXiv 2006.16236, section 3.2; EfficientViT, arXiv
 * 2205.14756, section 3.1): relu(q) (relu(k)ᵀ v) / (relu(q) Σ relu(k) + epsilon), so that its cost grows with the
 * number of pixels and not with its square. In: [N, heads * 3 * headDim, H, W], each head's channels in the order query,
 * key, value. Out: [N, heads * headDim, H, W].
 */
export const linearAttention: Operation<LinearAttentionAttributes> = {
  inputs: 1,
  result: (inputs, { heads, headDim }) => {
    const { channels } = first(inputs);
    const expected = 3 * heads * headDim;
    if (channels !== expected) throw invalid(`${expected} channels of query, key, value`, channels);
    return { kind: 'map', channels: heads * headDim };
  },
  shape: (inputs, { heads, headDim }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return [n, heads * headDim, h, w];
  },
  // The sum of the keys, by which the result is divided, goes through both products as one more value.
  macs: (inputs, _output, { heads, headDim }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return 2 * n * heads * headDim * (headDim + 1) * h * w;
  },
};
