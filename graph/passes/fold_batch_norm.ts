import { type AnyNode, countUses, type GraphNode, type Network, type ParameterSource } from '../graph.js';
import { foldedParameters } from './folded_parameters.js';
import { normAffine } from './norm_affine.js';
import { scaleWeight } from './output_gain.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';

type Convolution = GraphNode<'conv'> | GraphNode<'convTranspose'>;

/**
 * Folds each batch norm into the convolution before it, where nothing else reads that convolution:
 * w' = w * g, b' = b * g + s, with the norm's gain g and shift s. Computed in float64, stored as float32.
 */
export const foldBatchNorm: Pass = { name: 'fold-batch-norm', apply };

function apply(network: Network): Network {
  const { graph, parameters } = network;
  const uses = countUses(graph);
  const producers = new Map<number, AnyNode>(graph.nodes.map((node) => [node.output.id, node]));
  const folded = foldedParameters(network);

  const nodes = graph.nodes.map((node): AnyNode => {
    if (node.operation !== 'batchNorm') return node;
    const [input] = node.inputs;
    const convolution = producers.get(input?.id ?? -1);
    if (convolution?.operation !== 'conv' && convolution?.operation !== 'convTranspose') return node;
    if (uses.get(convolution.output.id) !== 1) return node;

    const weightName = parameterOf(convolution, 'weight');
    const weight = folded.add(`${node.scope}.folded_weight`, folded.shape(weightName), (into) =>
      scaleWeight(convolution, parameters, normAffine(node, parameters).gain, into),
    );
    const bias = folded.add(`${node.scope}.folded_bias`, [node.output.channels], () =>
      shiftBias(convolution, node, parameters),
    );
    const attributes = { ...convolution.attributes, bias: true };
    return { ...convolution, attributes, parameters: { weight, bias }, output: node.output };
  });
  return folded.applyTo({ ...graph, nodes });
}

function shiftBias(convolution: Convolution, norm: GraphNode<'batchNorm'>, read: ParameterSource): Float32Array {
  const { gain, shift } = normAffine(norm, read);
  const biasName = convolution.parameters.bias;
  const bias = biasName === undefined ? undefined : read(biasName).data;
  return Float32Array.from(gain, (g, i) => (bias?.[i] ?? 0) * g + (shift[i] ?? 0));
}
