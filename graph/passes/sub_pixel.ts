import type { AnyNode, GraphNode, Network } from '../graph.js';
import { type ConvAttributes, paddingOf } from '../operations/convolution.js';
import { foldedParameters } from './folded_parameters.js';
import { firstUnusedId } from './fresh_values.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';

/**
 * A transposed convolution whose kernel is a multiple of its stride becomes a plain one at the size before, which makes
 * every pixel of a square of `stride` x `stride` as a channel of its own, and these channels become pixels (Shi et al.,
 * "Is the deconvolution layer the same as a convolutional layer?", arXiv 1609.07009). As many multiply-accumulates,
 * in the kernels that runtimes have made fastest. Grouped ones stay: runtimes are no faster with them.
 */
export const subPixel: Pass = { name: 'sub-pixel', apply };

function apply(network: Network): Network {
  const { graph } = network;
  const folded = foldedParameters(network);
  let nextId = firstUnusedId(graph);

  function unfolded(node: GraphNode<'convTranspose'>): readonly AnyNode[] {
    const { out, kernel, stride, groups, bias } = node.attributes;
    if (stride === 1 || kernel % stride !== 0 || groups !== 1) return [node];
    if (Math.max(...paddingOf(node.attributes)) >= kernel) return [node];
    const { taps, pad, crop } = blocksOf(node.attributes);
    const squares = stride ** 2;
    const name = parameterOf(node, 'weight');
    const inputs = node.inputs[0]?.channels ?? 0;
    const shape = [out * squares, inputs, taps, taps];
    const weight = folded.add(`${name}.sub_pixel`, shape, (into) =>
      byPhase(folded.read(name).data, { inputs, out, kernel, stride }, into),
    );
    const biasOf = (from: string) =>
      folded.add(`${from}.sub_pixel_${stride}`, [out * squares], () => {
        const { data } = folded.read(from);
        return Float32Array.from({ length: out * squares }, (_, i) => data[i % out] ?? 0);
      });
    const parameters = { weight, ...(bias ? { bias: biasOf(parameterOf(node, 'bias')) } : {}) };
    const attributes: ConvAttributes = { out: out * squares, kernel: taps, stride: 1, pad, groups: 1, bias };
    const { inputs: sources, scope, output } = node;
    const phases = { ...output, id: nextId++, channels: out * squares };
    return [
      { operation: 'conv', attributes, inputs: sources, output: phases, parameters, scope },
      {
        operation: 'depthToSpace',
        attributes: { factor: stride, crop },
        inputs: [phases],
        output,
        parameters: {},
        scope,
      },
    ];
  }

  const nodes = graph.nodes.flatMap((node) => (node.operation === 'convTranspose' ? unfolded(node) : [node]));
  return folded.applyTo({ ...graph, nodes });
}

/**
 * Row y of the result is row `y + before` of what is not cropped, there row `r` of block `b`, and reads the rows b - taps + 1
 * to b of the input: the convolution's rows are the blocks that any row of the result lies in.
 */
function blocksOf({ kernel, stride, pad }: GraphNode<'convTranspose'>['attributes']) {
  const taps = kernel / stride;
  const [before, after] = paddingOf({ pad });
  // The result's last row is `stride * (h - 1) + kernel - 1 - after` of what is not cropped.
  const [first, last] = [Math.floor(before / stride), Math.floor((kernel - 1 - after) / stride)];
  const crop = [before - first * stride, (last + 1) * stride - (kernel - after)] as const;
  return { taps, pad: [taps - 1 - first, last] as const, crop };
}

interface Sizes {
  readonly inputs: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
}

/** [in, out, k, k] -> [s² * out, in, k/s, k/s]: of each phase the taps that it has, the last first. */
function byPhase(
  data: ArrayLike<number>,
  { inputs, out, kernel, stride }: Sizes,
  result: Float32Array = new Float32Array(inputs * out * kernel * kernel),
): Float32Array {
  const taps = kernel / stride;
  for (let i = 0, from = 0; i < inputs; i++) {
    for (let o = 0; o < out; o++) {
      for (let row = 0; row < kernel; row++) {
        for (let column = 0; column < kernel; column++, from++) {
          const phase = (row % stride) * stride + (column % stride);
          const [y, x] = [taps - 1 - Math.floor(row / stride), taps - 1 - Math.floor(column / stride)];
          result[(((phase * out + o) * inputs + i) * taps + y) * taps + x] = data[from] ?? 0;
        }
      }
    }
  }
  return result;
}
