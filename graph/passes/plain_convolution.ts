import type { Tensor } from '../../core/tensor.js';
import type { AnyNode, GraphNode, Network } from '../graph.js';
import { verifyGraph } from '../verify.js';
import { foldedParameters } from './folded_parameters.js';
import { removeDeadCode } from './remove_dead_code.js';

/**
 * A transposed convolution of stride 1 is a convolution with the kernel turned by 180 degrees and its channels exchanged
 * (Dumoulin and Visin, arXiv 1603.07285, section 4.1); runtimes have faster kernels for the latter.
 */
export function plainConvolution(network: Network): Network {
  const { graph, parameters } = network;
  const folded = foldedParameters(network);
  const nodes = graph.nodes.map((node): AnyNode => {
    if (node.operation !== 'convTranspose' || node.attributes.stride !== 1 || node.attributes.groups !== 1) return node;
    const { weight: name, ...others } = node.parameters;
    if (name === undefined) return node;
    const [inputs = 0, outputs = 0, kernel = 0] = folded.shape(name);
    const weight = folded.add(`${name}.turned`, [outputs, inputs, kernel, kernel], () => turn(parameters(name)));
    const conv: GraphNode<'conv'> = {
      ...node,
      operation: 'conv',
      attributes: { ...node.attributes, pad: kernel - 1 - node.attributes.pad },
      parameters: { weight, ...others },
    };
    return conv;
  });
  const result = folded.applyTo({ ...graph, nodes });
  return removeDeadCode({ ...result, graph: verifyGraph(result.graph) });
}

/** [in, out, k, k] -> [out, in, k, k], each kernel turned by 180 degrees. */
function turn({ shape, data }: Tensor): Float32Array {
  const [inputs = 0, outputs = 0, kernel = 0] = shape;
  const area = kernel * kernel;
  const result = new Float32Array(data.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const from = (i * outputs + o) * area;
      const to = (o * inputs + i) * area;
      for (let k = 0; k < area; k++) result[to + k] = data[from + area - 1 - k] ?? 0;
    }
  }
  return result;
}
