import type { AnyNode, GraphNode, Network } from '../graph.js';
import { foldedParameters } from './folded_parameters.js';
import type { Pass } from './pass.js';

/** Linear layers that share one packed weight get weights of their own, so that everything known of linear layers holds. */
export const unpackLinear: Pass = { name: 'unpack-linear', apply };

function apply(network: Network): Network {
  const { graph, parameters } = network;
  const folded = foldedParameters(network);
  const nodes = graph.nodes.map((node): AnyNode => (node.operation === 'packedLinear' ? unpacked(node) : node));

  function unpacked(node: GraphNode<'packedLinear'>): AnyNode {
    const { first, out, bias } = node.attributes;
    const own = Object.entries(node.parameters).map(([role, name]) => {
      const [, ...inner] = folded.shape(name);
      const row = inner.reduce((product, extent) => product * extent, 1);
      const values = () => parameters(name).data.slice(first * row, (first + out) * row);
      return [role, folded.add(`${name}[${first}:${first + out}]`, [out, ...inner], values)];
    });
    return { ...node, operation: 'linear', attributes: { out, bias }, parameters: Object.fromEntries(own) };
  }

  return folded.applyTo({ ...graph, nodes });
}
