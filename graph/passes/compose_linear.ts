import { type AnyNode, countUses, type GraphNode, type Network } from '../graph.js';
import type { Value } from '../value.js';
import { enlargedKernel, pointwiseKernel } from './composed_kernels.js';
import { foldedParameters } from './folded_parameters.js';
import { firstUnusedId } from './fresh_values.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';
import { keepsSize, type PyramidSum, pyramidSums } from './pyramid_sum.js';
import { unitConvolution } from './unit_convolution.js';

/**
 * A convolution of a feature pyramid's sum, `conv(lateral(c) + enlarged(u))`, becomes the sum of a convolution of the
 * narrow map `c` and a transposed one of the coarse map `u` (Lin et al., arXiv 1612.03144, section 3: nothing between
 * them is more than linear), where that takes a tenth of the multiply-accumulates less. Only where the enlargement is by
 * exactly 2 and to the nearest pixel. Kernels are composed in float64.
 *
 * A convolution pads with zeros, which a lateral's bias would have to be part of: it moves into `u` instead, whose
 * enlargement is padded with zeros as the sum was.
 */
export const composeLinear: Pass = { name: 'compose-linear', apply };

/** What is left of the multiply-accumulates where it pays: smaller kernels and moved pixels are less efficient. */
const PAYS = 0.9;

/** `conv(lateral(narrow) + nearest(coarse))`. */
interface PyramidLevel extends PyramidSum {
  readonly convolution: GraphNode<'conv'>;
}

function apply(network: Network): Network {
  const { graph } = network;
  const folded = foldedParameters(network);
  let nextId = firstUnusedId(graph);
  const uses = countUses(graph);
  const sumOf = pyramidSums(graph);

  function levelOf(convolution: GraphNode<'conv'>): PyramidLevel | undefined {
    if (!keepsSize(convolution.attributes) || convolution.attributes.kernel === 1) return undefined;
    const sum = sumOf(convolution.inputs[0]);
    return sum && { convolution, ...sum };
  }

  /** Multiply-accumulates for each pixel of the result, of what is no longer needed and of what takes its place. */
  function pays({ convolution, lateral, narrow, coarse }: PyramidLevel): boolean {
    const { out, kernel } = convolution.attributes;
    const [sum] = convolution.inputs;
    const sumGoes = uses.get(sum?.id ?? -1) === 1 && uses.get(lateral.output.id) === 1;
    const before = kernel ** 2 * coarse.channels * out + (sumGoes ? narrow.channels * coarse.channels : 0);
    const shift = lateral.attributes.bias ? coarse.channels / 4 : 0;
    const after = kernel ** 2 * narrow.channels * out + ((kernel + 1) / 2) ** 2 * coarse.channels * out + shift;
    return after <= PAYS * before;
  }

  function composed({ convolution, lateral, narrow, coarse }: PyramidLevel): readonly AnyNode[] {
    const { attributes, scope, output } = convolution;
    const { out, kernel } = attributes;
    const fresh = (like: Value): Value => ({ ...like, id: nextId++ });
    const [shifted, ofNarrow, ofCoarse] = [fresh(coarse), fresh(output), fresh(output)];
    const shift = lateral.attributes.bias
      ? [unitConvolution(coarse, shifted, { bias: parameterOf(lateral, 'bias'), scope: lateral.scope }, folded)]
      : [];
    const names = { weight: parameterOf(convolution, 'weight'), lateral: parameterOf(lateral, 'weight') };
    const direct: GraphNode<'conv'> = {
      operation: 'conv',
      attributes,
      inputs: [narrow],
      output: ofNarrow,
      parameters: {
        ...convolution.parameters,
        weight: folded.add(`${names.weight}*${names.lateral}`, [out, narrow.channels, kernel, kernel], (into) =>
          pointwiseKernel(folded.read(names.weight), folded.read(names.lateral), into),
        ),
      },
      scope,
    };
    const enlarging: GraphNode<'convTranspose'> = {
      operation: 'convTranspose',
      attributes: { out, kernel: kernel + 1, stride: 2, pad: kernel >> 1, groups: 1, bias: false },
      inputs: [shift.length === 0 ? coarse : shifted],
      output: ofCoarse,
      parameters: {
        weight: folded.add(`${names.weight}.enlarging`, [coarse.channels, out, kernel + 1, kernel + 1], (into) =>
          enlargedKernel(folded.read(names.weight), 2, into),
        ),
      },
      scope,
    };
    const sum: GraphNode<'add'> = {
      operation: 'add',
      attributes: {},
      inputs: [ofNarrow, ofCoarse],
      output,
      parameters: {},
      scope,
    };
    return [...shift, direct, enlarging, sum];
  }

  const nodes = graph.nodes.flatMap((node) => {
    const level = node.operation === 'conv' ? levelOf(node) : undefined;
    return level !== undefined && pays(level) ? composed(level) : [node];
  });
  return folded.applyTo({ ...graph, nodes });
}
