import { LowformerError } from '../../core/errors.js';
import type { GraphNode, Network } from '../graph.js';
import { firstUnusedId } from './fresh_values.js';
import type { Pass } from './pass.js';

/** What a pass is told of pixels. */
export interface PackedPixels {
  /** As `unpackPixels` has them: the three channels' numbers of the bytes and of padding. */
  readonly values: readonly number[];
  /** What the values follow from, which tells one pass from another. */
  readonly rule: string;
}

/**
 * The network takes pixels as packed bytes, [N, 1, H, W], in place of the normalised picture [N, 3, H, W], and begins with making that of
 * them: a third of the numbers cross to a device.
 * @throws {LowformerError} `invalid-graph` from `apply` unless the network's first input has three channels.
 */
export function packedPixels({ values, rule }: PackedPixels): Pass {
  return { name: `packed-pixels of ${rule}`, apply };

  function apply(network: Network): Network {
    const { graph } = network;
    const [input, ...others] = graph.inputs;
    if (input === undefined || input.value.kind !== 'map' || input.value.channels !== 3) {
      const received = graph.inputs.map(({ name, value }) => `${name} of ${value.channels}`).join(', ');
      const expected = 'a first input of three channels,';
      throw new LowformerError({ code: 'invalid-graph', where: 'graph', expected, received });
    }
    const packed = { id: firstUnusedId(graph), kind: 'map', channels: 1 } as const;
    const unpack: GraphNode<'unpackPixels'> = {
      operation: 'unpackPixels',
      attributes: { values },
      inputs: [packed],
      output: input.value,
      parameters: {},
      scope: 'pixels',
    };
    const { shape, ...rest } = input;
    const [n, , ...sides] = shape ?? [];
    const fixed = n === undefined ? {} : { shape: [n, 1, ...sides] };
    return {
      ...network,
      graph: { ...graph, inputs: [{ ...rest, ...fixed, value: packed }, ...others], nodes: [unpack, ...graph.nodes] },
    };
  }
}
