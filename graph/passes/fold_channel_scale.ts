import { type AnyNode, countUses, type Network } from '../graph.js';
import { foldedParameters } from './folded_parameters.js';
import { isWeighted, scaleWeight } from './output_gain.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';

/** A factor for each channel after a convolution or a linear layer becomes part of its weights, where nothing else reads them. */
export const foldChannelScale: Pass = { name: 'fold-channel-scale', apply };

function apply(network: Network): Network {
  const { graph, parameters } = network;
  const uses = countUses(graph);
  const producers = new Map<number, AnyNode>();
  const folded = foldedParameters(network);

  const nodes = graph.nodes.map((node): AnyNode => {
    const result = node.operation === 'channelScale' ? fold(node) : node;
    producers.set(result.output.id, result);
    return result;
  });

  function fold(node: Extract<AnyNode, { readonly operation: 'channelScale' }>): AnyNode {
    const source = producers.get(node.inputs[0]?.id ?? -1);
    if (source === undefined || !isWeighted(source) || uses.get(source.output.id) !== 1) return node;
    const gain = () => parameters(parameterOf(node, 'gamma')).data;
    const { weight: weightName = '', bias: biasName } = source.parameters;
    const weight = folded.add(`${node.scope}.folded_weight`, folded.shape(weightName), (into) =>
      scaleWeight(source, folded.read, gain(), into),
    );
    if (biasName === undefined) return { ...source, parameters: { weight }, output: node.output };
    const bias = folded.add(`${node.scope}.folded_bias`, folded.shape(biasName), () => {
      const factor = gain();
      return folded.read(biasName).data.map((value, i) => value * (factor[i] ?? 0));
    });
    return { ...source, parameters: { weight, bias }, output: node.output };
  }

  return folded.applyTo({ ...graph, nodes });
}
