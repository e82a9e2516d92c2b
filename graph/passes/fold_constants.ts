import type { Tensor } from '../../core/tensor.js';
import { type AnyNode, countUses, type GraphNode, type Network } from '../graph.js';
import { foldedParameters } from './folded_parameters.js';
import { isWeighted, type Weighted } from './output_gain.js';
import type { Pass } from './pass.js';

/**
 * Does once what would be the same in every run: a multiplication by a constant after a convolution or a linear layer
 * becomes part of its weights, and consecutive multiplications become one.
 */
export const foldConstants: Pass = { name: 'fold-constants', apply };

function apply(network: Network): Network {
  const folded = foldedParameters(network);
  const uses = countUses(network.graph);
  const producers = new Map<number, AnyNode>();

  const nodes = network.graph.nodes.map((node): AnyNode => {
    const result = node.operation === 'scale' ? foldScale(node) : node;
    producers.set(result.output.id, result);
    return result;
  });

  function foldScale(node: GraphNode<'scale'>): AnyNode {
    const source = producers.get(node.inputs[0]?.id ?? -1);
    if (source === undefined || uses.get(source.output.id) !== 1) return node;
    const { factor } = node.attributes;
    if (source.operation === 'scale') {
      const inner: GraphNode<'scale'> = {
        ...node,
        inputs: source.inputs,
        attributes: { factor: factor * source.attributes.factor },
      };
      return foldScale(inner);
    }
    return isWeighted(source) ? { ...source, parameters: scaled(source, factor), output: node.output } : node;
  }

  function scaled(source: Weighted, factor: number): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(source.parameters).map(([role, name]) => [
        role,
        folded.add(`${name}*${factor}`, folded.shape(name), (into) => times(folded.read(name, into), factor, into)),
      ]),
    );
  }

  return folded.applyTo({ ...network.graph, nodes });
}

/** Element by element, so that the values may lie in `into` already. */
function times({ data }: Tensor, factor: number, into: Float32Array = new Float32Array(data.length)): Float32Array {
  for (let i = 0; i < data.length; i++) into[i] = (data[i] ?? 0) * factor;
  return into;
}
