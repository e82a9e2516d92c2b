import { LowformerError } from '../../core/errors.js';
import { type AnyNode, countUses, type GraphNode, type Network, type ParameterSource } from '../graph.js';
import { verifyGraph } from '../verify.js';
import { foldedParameters } from './folded_parameters.js';
import { removeDeadCode } from './remove_dead_code.js';

type Convolution = GraphNode<'conv'> | GraphNode<'convTranspose'>;

/**
 * Folds each batch norm into the convolution before it, where nothing else reads that convolution:
 * w' = w * g, b' = (b - mean) * g + beta, with g = gamma / sqrt(variance + epsilon). Computed in float64, stored as float32.
 */
export function foldBatchNorm(network: Network): Network {
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

    const weightName = named(convolution, 'weight');
    const weight = folded.add(`${node.scope}.folded_weight`, folded.shape(weightName), (into) =>
      scaleWeight(convolution, parameters, gains(node, parameters), into),
    );
    const bias = folded.add(`${node.scope}.folded_bias`, [node.output.channels], () =>
      shiftBias(convolution, node, parameters),
    );
    const attributes = { ...convolution.attributes, bias: true };
    return { ...convolution, attributes, parameters: { weight, bias }, output: node.output };
  });
  const result = folded.applyTo({ ...graph, nodes });
  return removeDeadCode({ ...result, graph: verifyGraph(result.graph) });
}

/** gamma / sqrt(variance + epsilon), one for each channel. */
function gains(norm: GraphNode<'batchNorm'>, read: ParameterSource): Float64Array {
  const { data: gamma } = read(named(norm, 'weight'));
  const { data: variance } = read(named(norm, 'running_var'));
  return Float64Array.from(gamma, (g, i) => g / Math.sqrt((variance[i] ?? 0) + norm.attributes.epsilon));
}

/** Element by element, so that the weight may lie in `into` already. */
function scaleWeight(
  convolution: Convolution,
  read: ParameterSource,
  gain: Float64Array,
  into?: Float32Array,
): Float32Array {
  const { shape, data } = read(named(convolution, 'weight'), into);
  const [outer = 1, inner = 1, ...kernel] = shape;
  const area = kernel.reduce((product, extent) => product * extent, 1);
  const { out, groups } = convolution.attributes;
  const transposed = convolution.operation === 'convTranspose';
  const result = into ?? new Float32Array(data.length);
  for (let i = 0, at = 0; i < outer; i++) {
    // A transposed convolution's weight is [in, out/groups, …]: its output channel is the second extent's.
    const firstOut = transposed ? Math.floor(i / (outer / groups)) * (out / groups) : i;
    for (let j = 0; j < inner; j++) {
      const factor = gain[transposed ? firstOut + j : firstOut] ?? 0;
      for (let k = 0; k < area; k++, at++) result[at] = (data[at] ?? 0) * factor;
    }
  }
  return result;
}

function shiftBias(convolution: Convolution, norm: GraphNode<'batchNorm'>, read: ParameterSource): Float32Array {
  const gain = gains(norm, read);
  const { data: beta } = read(named(norm, 'bias'));
  const { data: mean } = read(named(norm, 'running_mean'));
  const biasName = convolution.parameters.bias;
  const bias = biasName === undefined ? undefined : read(biasName).data;
  return Float32Array.from(gain, (g, i) => ((bias?.[i] ?? 0) - (mean[i] ?? 0)) * g + (beta[i] ?? 0));
}

/** The parameter that a node has for a role. */
function named(node: AnyNode, role: string): string {
  const name = node.parameters[role];
  if (name === undefined) {
    const where = `${node.operation} in '${node.scope}'`;
    throw new LowformerError({ code: 'invalid-graph', where, expected: `a parameter for '${role}'` });
  }
  return name;
}
