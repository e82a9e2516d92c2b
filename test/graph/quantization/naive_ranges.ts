/** The ranges of weights by channel, loop by loop from the definitions: what equalisation is held to. */
import { tensor } from '../../../core/tensor.js';
import type { Network } from '../../../graph/graph.js';
import { isWeighted, type Weighted } from '../../../graph/passes/output_gain.js';
import { channelClasses } from '../../../graph/quantization/channel_classes.js';
import { formulaNumbers } from '../../formula_weights.js';

/**
 * A network with each channel of its weights' first extent, and of their biases, between a quarter and four times as large; of layers
 * with as many channels, which may have to be summed, channel by channel alike.
 */
export function uneven({ graph, parameters }: Network): Network {
  return {
    graph,
    parameters: (name) => {
      const { shape, data } = parameters(name);
      const [outputs = 1] = shape;
      const factors = formulaNumbers(`uneven ${outputs}`, outputs, (u) => 4 ** (2 * u - 1));
      const each = data.length / outputs;
      return tensor(
        shape,
        data.map((value, i) => value * (factors[Math.floor(i / each)] ?? 0)),
      );
    },
  };
}

/** The largest absolute weight of each output channel of the layer called `scope`. */
export const outputRanges = (network: Network, scope: string) =>
  channelRanges(network, layerAt(network, scope)).outputs;
/** Of each input channel. */
export const inputRanges = (network: Network, scope: string) => channelRanges(network, layerAt(network, scope)).inputs;

/**
 * The share that a channel has in the range of the weight that makes it, times that in the range of the weight that reads
 * it (the paper's equation 9), as the mean logarithm over all channels that may be scaled: 0 where all channels of each
 * layer have one range, less the more uneven they are. Of several makers or readers the mean logarithm; channels of zeros
 * do not count.
 */
export function evenness(network: Network): number {
  const { free, layers } = channelClasses(network.graph);
  const shares = new Map<number, { made: number[]; read: number[] }>();
  for (const { weight, inputs, outputs } of layers) {
    const node = network.graph.nodes.filter(isWeighted).find(({ parameters }) => parameters.weight === weight);
    if (node === undefined) throw new Error(weight);
    const ranges = channelRanges(network, node);
    const largest = ranges.outputs.reduce((most, range) => Math.max(most, range), 0);
    const see = (number: number, range: number, side: 'made' | 'read') => {
      const both = shares.get(number) ?? { made: [], read: [] };
      shares.set(number, both);
      if (range > 0) both[side].push(Math.log(range / largest));
    };
    for (const [i, number] of outputs.entries()) see(number, ranges.outputs[i] ?? 0, 'made');
    for (const [i, number] of inputs.entries()) see(number, ranges.inputs[i] ?? 0, 'read');
  }
  const products = [...shares].flatMap(([number, { made, read }]) =>
    free[number] === 1 && made.length > 0 && read.length > 0 ? [mean(made) + mean(read)] : [],
  );
  return mean(products);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function layerAt({ graph }: Network, scope: string): Weighted {
  const node = graph.nodes.filter(isWeighted).find((each) => each.scope === scope);
  if (node === undefined) throw new Error(`no layer '${scope}'`);
  return node;
}

function channelRanges({ parameters }: Network, node: Weighted) {
  const { data } = parameters(node.parameters.weight ?? '');
  const [channels, out] = [node.inputs[0]?.channels ?? 0, node.output.channels];
  const groups = node.operation === 'linear' ? 1 : node.attributes.groups;
  const area = node.operation === 'linear' ? 1 : node.attributes.kernel ** 2;
  const [inputs, outputs] = [new Array<number>(channels).fill(0), new Array<number>(out).fill(0)];
  let at = 0;
  const see = (i: number, o: number) => {
    for (let k = 0; k < area; k++, at++) {
      const size = Math.abs(data[at] ?? 0);
      inputs[i] = Math.max(inputs[i] ?? 0, size);
      outputs[o] = Math.max(outputs[o] ?? 0, size);
    }
  };
  const [inGroup, outGroup] = [channels / groups, out / groups];
  for (let group = 0; group < groups; group++) {
    if (node.operation === 'convTranspose') {
      for (let i = 0; i < inGroup; i++)
        for (let o = 0; o < outGroup; o++) see(group * inGroup + i, group * outGroup + o);
    } else {
      for (let o = 0; o < outGroup; o++)
        for (let i = 0; i < inGroup; i++) see(group * inGroup + i, group * outGroup + o);
    }
  }
  return { inputs, outputs };
}
