import { elements } from '../../core/tensor.js';
import { type AnyNode, countUses, type GraphNode, type Network } from '../graph.js';
import type { ConvAttributes } from '../operations/convolution.js';
import type { Value } from '../value.js';
import { enlargedKernel, pointwiseKernel } from './composed_kernels.js';
import { type FoldedParameters, foldedParameters } from './folded_parameters.js';
import { firstUnusedId } from './fresh_values.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';

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
interface PyramidLevel {
  readonly convolution: GraphNode<'conv'>;
  readonly lateral: GraphNode<'conv'>;
  readonly narrow: Value;
  readonly coarse: Value;
}

function apply(network: Network): Network {
  const { graph } = network;
  const folded = foldedParameters(network);
  let nextId = firstUnusedId(graph);
  const uses = countUses(graph);
  const producers = new Map<number, AnyNode>(graph.nodes.map((node) => [node.output.id, node]));

  function levelOf(convolution: GraphNode<'conv'>): PyramidLevel | undefined {
    if (!keepsSize(convolution.attributes) || convolution.attributes.kernel === 1) return undefined;
    const sum = producerOf(convolution);
    if (sum?.operation !== 'add') return undefined;
    const terms = sum.inputs.map(({ id }) => producers.get(id));
    const lateral = terms.find((term) => term?.operation === 'conv');
    const enlarged = terms.find((term) => term?.operation === 'resizeNearest');
    const [narrow, coarse] = [lateral?.inputs[0], enlarged?.inputs[0]];
    if (lateral?.operation !== 'conv' || lateral.attributes.kernel !== 1 || !keepsSize(lateral.attributes)) {
      return undefined;
    }
    if (enlarged?.operation !== 'resizeNearest' || enlarged.attributes.factor !== 2) return undefined;
    return narrow === undefined || coarse === undefined ? undefined : { convolution, lateral, narrow, coarse };
  }

  function producerOf(node: AnyNode): AnyNode | undefined {
    return producers.get(node.inputs[0]?.id ?? -1);
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
    const shift = lateral.attributes.bias ? [shiftOf(coarse, shifted, lateral, folded)] : [];
    const names = { weight: parameterOf(convolution, 'weight'), lateral: parameterOf(lateral, 'weight') };
    const direct: GraphNode<'conv'> = {
      operation: 'conv',
      attributes,
      inputs: [narrow],
      output: ofNarrow,
      parameters: {
        ...convolution.parameters,
        weight: folded.add(`${names.weight}*${names.lateral}`, [out, narrow.channels, kernel, kernel], () =>
          pointwiseKernel(folded.read(names.weight), folded.read(names.lateral)),
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
        weight: folded.add(`${names.weight}.enlarging`, [coarse.channels, out, kernel + 1, kernel + 1], () =>
          enlargedKernel(folded.read(names.weight)),
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

/** Of one group, of odd kernel, and with a result as large as its input. */
function keepsSize({ kernel, stride, pad, groups, dilation = 1 }: ConvAttributes): boolean {
  return kernel % 2 === 1 && stride === 1 && pad === kernel >> 1 && groups === 1 && dilation === 1;
}

/** The coarse map with the lateral's bias added to every pixel: a depthwise convolution with a weight of 1. */
function shiftOf(
  coarse: Value,
  output: Value,
  lateral: GraphNode<'conv'>,
  folded: FoldedParameters,
): GraphNode<'conv'> {
  const { channels } = coarse;
  const shape = [channels, 1, 1, 1];
  const attributes = { out: channels, kernel: 1, stride: 1, pad: 0, groups: channels, bias: true };
  const weight = folded.add(`ones_${channels}`, shape, (into = new Float32Array(elements(shape))) => into.fill(1));
  const parameters = { weight, bias: parameterOf(lateral, 'bias') };
  return { operation: 'conv', attributes, inputs: [coarse], output, parameters, scope: lateral.scope };
}
