import type { AnyNode, GraphNode, ParameterSource } from '../graph.js';
import { parameterOf } from './parameter_of.js';

/** Operations whose output channels are weighted sums of input channels, so that a factor for each can go into the weight. */
export type Weighted = GraphNode<'conv'> | GraphNode<'convTranspose'> | GraphNode<'linear'>;

export function isWeighted(node: AnyNode): node is Weighted {
  return node.operation === 'conv' || node.operation === 'convTranspose' || node.operation === 'linear';
}

/**
 * The node's weight with every output channel multiplied by its gain; float64 in between.
 * @param into memory of the weight's length; the weight may lie in it already.
 */
export function scaleWeight(
  node: Weighted,
  read: ParameterSource,
  gain: ArrayLike<number>,
  into?: Float32Array,
): Float32Array {
  const { shape, data } = read(parameterOf(node, 'weight'), into);
  const [outer = 1, inner = 1, ...kernel] = shape;
  const area = kernel.reduce((product, extent) => product * extent, 1);
  const transposed = node.operation === 'convTranspose';
  const { out } = node.attributes;
  const groups = node.operation === 'linear' ? 1 : node.attributes.groups;
  const result = into ?? new Float32Array(data.length);
  // A transposed convolution's weight is [in, out/groups, …]: its output channel is the second extent's.
  const [runs, length] = transposed ? [inner, area] : [1, inner * area];
  for (let i = 0, at = 0; i < outer; i++) {
    const firstOut = transposed ? Math.floor(i / (outer / groups)) * (out / groups) : i;
    for (let j = 0; j < runs; j++) {
      const factor = gain[firstOut + j] ?? 0;
      for (const end = at + length; at < end; at++) result[at] = (data[at] ?? 0) * factor;
    }
  }
  return result;
}
