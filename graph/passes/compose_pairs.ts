import { tensor } from '../../core/tensor.js';
import { type AnyNode, countUses, type GraphNode, type Network } from '../graph.js';
import type { Value } from '../value.js';
import { enlargedKernel, pointwiseKernel } from './composed_kernels.js';
import { foldedParameters } from './folded_parameters.js';
import { firstUnusedId } from './fresh_values.js';
import { pairBias, pairKernel } from './pair_kernel.js';
import { parameterOf } from './parameter_of.js';
import type { Pass } from './pass.js';
import { keepsSize, pyramidSums } from './pyramid_sum.js';
import { unitConvolution } from './unit_convolution.js';

/**
 * Two convolutions of kernel 3 with nothing between them become one of kernel 5. Of a feature pyramid's level, a sum of
 * maps of which the coarser ones are enlarged to the nearest pixel (Semantic FPN's head reads such levels), that is a sum
 * of one convolution for each map: of the narrow one that the backbone gives, and transposed ones of the coarser. It is
 * taken apart as far as leaves the fewest multiply-accumulates, where that is 15 % less than before.
 *
 * The second convolution pads with zeros, where the composed one sees what the first would give outside of its input:
 * `borderCorrection` subtracts that. The biases of laterals move into the coarsest map, whose enlargement is padded with
 * zeros as the sum was.
 */
export const composePairs: Pass = { name: 'compose-pairs', apply };

/** What is left of the multiply-accumulates where it pays: the border and moved pixels take time of their own. */
const PAYS = 0.85;
const KERNEL = 5;
/** Enlarged more than four times, no map has fewer taps for each pixel. */
const LARGEST_FACTOR = 4;

/** `nearest(lateral(value))`, without a lateral where there is none. */
interface Source {
  readonly value: Value;
  readonly factor: number;
  readonly lateral?: GraphNode<'conv'>;
}

interface Pair {
  readonly first: GraphNode<'conv'>;
  readonly second: GraphNode<'conv'>;
  /** Whose sum the first one reads, the finest first. */
  readonly sources: readonly Source[];
}

function apply(network: Network): Network {
  const { graph } = network;
  const folded = foldedParameters(network);
  let nextId = firstUnusedId(graph);
  const fresh = (channels: number): Value => ({ id: nextId++, kind: 'map', channels });
  const uses = countUses(graph);
  const producers = new Map<number, AnyNode>(graph.nodes.map((node) => [node.output.id, node]));
  const sumOf = pyramidSums(graph);

  function pairOf(second: GraphNode<'conv'>): Pair | undefined {
    const first = producers.get(second.inputs[0]?.id ?? -1);
    if (first?.operation !== 'conv' || uses.get(first.output.id) !== 1) return undefined;
    if (![first, second].every(({ attributes }) => attributes.kernel === 3 && keepsSize(attributes))) return undefined;
    const [input] = first.inputs;
    if (input === undefined) return undefined;
    const { out } = second.attributes;
    const costs = formsOf(input).map((sources) => ({ sources, macs: out * sources.reduce(taps, 0) }));
    const [best] = costs.toSorted((a, b) => a.macs - b.macs);
    return best !== undefined && best.macs <= PAYS * costBefore(first, input, out)
      ? { first, second, sources: best.sources }
      : undefined;
  }

  /** A map as it is, and with one level of the pyramid after the other taken apart. */
  function formsOf(value: Value): readonly (readonly Source[])[] {
    const forms: Source[][] = [[{ value, factor: 1 }]];
    const narrow: Source[] = [];
    let rest = value;
    for (let factor = 1; factor < LARGEST_FACTOR; factor *= 2) {
      const sum = sumOf(rest);
      if (sum === undefined) break;
      narrow.push({ value: sum.narrow, factor, lateral: sum.lateral });
      rest = sum.coarse;
      forms.push([...narrow, { value: rest, factor: 2 * factor }]);
    }
    return forms;
  }

  /** For each pixel, with what `compose-linear` would spare. */
  function costBefore(first: GraphNode<'conv'>, input: Value, out: number): number {
    const middle = first.attributes.out;
    const sum = sumOf(input);
    const taken = sum === undefined ? Number.POSITIVE_INFINITY : 9 * sum.narrow.channels + 4 * sum.coarse.channels;
    return Math.min(9 * input.channels, taken) * middle + 9 * middle * out;
  }

  function composed({ first, second, sources }: Pair): readonly AnyNode[] {
    const { scope, output } = second;
    const nodes: AnyNode[] = [];
    const added = (node: AnyNode): Value => {
      nodes.push(node);
      return node.output;
    };
    const plus = (left: Value, right: Value, result = fresh(left.channels)): Value =>
      added({ operation: 'add', attributes: {}, inputs: [left, right], output: result, parameters: {}, scope });
    const rings = sources.map(({ value, factor, lateral }) => {
      const attributes = { factor };
      const ring = fresh(value.channels);
      added({ operation: 'borderRing', attributes, inputs: [value], output: ring, parameters: {}, scope });
      return lateral === undefined
        ? ring
        : added({ ...lateral, inputs: [ring], output: fresh(lateral.attributes.out) });
    });
    const ring = rings.reduce((left, right) => plus(left, right));
    const { bias } = first.attributes;
    const corrected = (map: Value, result: Value): Value =>
      added({
        operation: 'borderCorrection',
        attributes: { middle: first.attributes.out, bias },
        inputs: [map, ring],
        output: result,
        parameters: {
          first: parameterOf(first, 'weight'),
          ...(bias ? { bias: parameterOf(first, 'bias') } : {}),
          second: parameterOf(second, 'weight'),
        },
        scope,
      });

    const [finest, ...coarser] = sources;
    if (finest === undefined) return nodes;
    const shift = shiftName(sources);
    const enlarged = coarser.map((source) => {
      const { value } = source;
      const read =
        source === sources.at(-1) && shift !== undefined
          ? added(unitConvolution(value, fresh(value.channels), { bias: shift, scope: first.scope }, folded))
          : value;
      return added(termOf(first, second, { ...source, value: read }, fresh(output.channels)));
    });
    if (enlarged.length === 0) {
      corrected(added(termOf(first, second, finest, fresh(output.channels))), output);
      return nodes;
    }
    const sum = corrected(
      enlarged.reduce((left, right) => plus(left, right)),
      fresh(output.channels),
    );
    // Changes nothing, but lays the map out in blocks of channels, as ONNX Runtime's convolutions read and write them: the
    // addition, an activation after it, and what enlarges the result then stay in that layout.
    const blocked = added(unitConvolution(sum, fresh(output.channels), { scope }, folded));
    plus(added(termOf(first, second, finest, fresh(output.channels))), blocked, output);
    return nodes;
  }

  /** The sum of the laterals' biases; undefined where none has one. */
  function shiftName(sources: readonly Source[]): string | undefined {
    const names = sources.flatMap(({ lateral }) =>
      lateral?.attributes.bias === true ? [parameterOf(lateral, 'bias')] : [],
    );
    const [name, ...others] = names;
    if (name === undefined || others.length === 0) return name;
    return folded.add(names.join('+'), folded.shape(name), () => {
      const sums = Float64Array.from(folded.read(name).data);
      for (const other of others) {
        const { data } = folded.read(other);
        for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (data[i] ?? 0);
      }
      return Float32Array.from(sums);
    });
  }

  function termOf(
    first: GraphNode<'conv'>,
    second: GraphNode<'conv'>,
    { value, factor, lateral }: Source,
    output: Value,
  ): AnyNode {
    const names = [second, first, ...(lateral === undefined ? [] : [lateral])].map((node) =>
      parameterOf(node, 'weight'),
    );
    const { out } = second.attributes;
    const { channels } = value;
    const kernel = () => {
      const inner = folded.read(parameterOf(first, 'weight'));
      const shape = [first.attributes.out, channels, 3, 3];
      const whole =
        lateral === undefined
          ? inner
          : tensor(shape, pointwiseKernel(inner, folded.read(parameterOf(lateral, 'weight'))));
      return pairKernel(folded.read(parameterOf(second, 'weight')), whole);
    };
    const { scope } = second;
    if (factor === 1) {
      const weight = folded.add(names.join('*'), [out, channels, KERNEL, KERNEL], kernel);
      const bias = first.attributes.bias || second.attributes.bias;
      const attributes = { out, kernel: KERNEL, stride: 1, pad: KERNEL >> 1, groups: 1, bias };
      const parameters = { weight, ...(bias ? { bias: biasOf(first, second) } : {}) };
      return { operation: 'conv', attributes, inputs: [value], output, parameters, scope };
    }
    const size = KERNEL + factor - 1;
    const weight = folded.add(`${names.join('*')}.enlarging_${factor}`, [channels, out, size, size], (into) =>
      enlargedKernel(tensor([out, channels, KERNEL, KERNEL], kernel()), factor, into),
    );
    const attributes = { out, kernel: size, stride: factor, pad: KERNEL >> 1, groups: 1, bias: false };
    return { operation: 'convTranspose', attributes, inputs: [value], output, parameters: { weight }, scope };
  }

  function biasOf(first: GraphNode<'conv'>, second: GraphNode<'conv'>): string {
    const weight = parameterOf(second, 'weight');
    const [inner, outer] = [first.parameters.bias, second.parameters.bias];
    const read = (name: string | undefined) => (name === undefined ? undefined : folded.read(name));
    return folded.add(`${weight}*${inner ?? 0}+${outer ?? 0}`, [second.attributes.out], () =>
      pairBias(folded.read(weight), read(inner), read(outer)),
    );
  }

  const nodes = graph.nodes.flatMap((node) => {
    const pair = node.operation === 'conv' ? pairOf(node) : undefined;
    return pair === undefined ? [node] : composed(pair);
  });
  return folded.applyTo({ ...graph, nodes });
}

/** Products for each pixel and channel of the result: an enlarged map has equal pixels under several taps. */
function taps(sum: number, { value, factor }: Source): number {
  return sum + Math.ceil((KERNEL + factor - 1) / factor) ** 2 * value.channels;
}
