import type { Tensor } from '../../core/tensor.js';
import type { AnyNode, GraphNode, Network } from '../graph.js';
import { type ConvAttributes, paddingOf } from '../operations/convolution.js';
import { foldedParameters } from './folded_parameters.js';
import type { Pass } from './pass.js';

/**
 * What is a convolution under another name becomes one, for which runtimes have their fastest kernels: a transposed
 * convolution of stride 1 is one with the kernel turned by 180 degrees and its channels exchanged (Dumoulin and Visin,
 * arXiv 1603.07285, section 4.1), a linear layer at every pixel is one of kernel 1.
 */
export const plainConvolution: Pass = { name: 'plain-convolution', apply };

function apply(network: Network): Network {
  const { graph, parameters } = network;
  const folded = foldedParameters(network);
  const nodes = graph.nodes.map((node): AnyNode => {
    if (node.operation === 'linear' && node.output.kind === 'map') return pointwise(node);
    return node.operation === 'convTranspose' ? turned(node) : node;
  });

  function pointwise(node: GraphNode<'linear'>): AnyNode {
    const { weight: name, ...others } = node.parameters;
    if (name === undefined) return node;
    const weight = folded.add(
      `${name}.pointwise`,
      [...folded.shape(name), 1, 1],
      (into) => parameters(name, into).data,
    );
    const attributes = { ...node.attributes, kernel: 1, stride: 1, pad: 0, groups: 1 };
    return { ...node, operation: 'conv', attributes, parameters: { weight, ...others } };
  }

  function turned(node: GraphNode<'convTranspose'>): AnyNode {
    if (node.attributes.stride !== 1 || node.attributes.groups !== 1) return node;
    const { weight: name, ...others } = node.parameters;
    if (name === undefined) return node;
    const [inputs = 0, outputs = 0, kernel = 0] = folded.shape(name);
    const [before, after] = paddingOf(node.attributes);
    const weight = folded.add(`${name}.turned`, [outputs, inputs, kernel, kernel], (into) =>
      turn(parameters(name), into),
    );
    const attributes: ConvAttributes = { ...node.attributes, pad: [kernel - 1 - before, kernel - 1 - after] };
    return { ...node, operation: 'conv', attributes, parameters: { weight, ...others } };
  }

  return folded.applyTo({ ...graph, nodes });
}

/** [in, out, k, k] -> [out, in, k, k], each kernel turned by 180 degrees. */
function turn({ shape, data }: Tensor, result: Float32Array = new Float32Array(data.length)): Float32Array {
  const [inputs = 0, outputs = 0, kernel = 0] = shape;
  const area = kernel * kernel;
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const from = (i * outputs + o) * area;
      const to = (o * inputs + i) * area;
      for (let k = 0; k < area; k++) result[to + k] = data[from + area - 1 - k] ?? 0;
    }
  }
  return result;
}
