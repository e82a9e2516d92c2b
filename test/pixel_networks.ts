/** A network that does nothing but take packed pixels apart, and pixels for it. */
import { type Tensor, tensor } from '../core/tensor.js';
import { graphBuilder } from '../graph/builder.js';
import type { Network } from '../graph/graph.js';
import { seededRandom } from './random.js';
import { formulaNetwork } from './run_network.js';

/** Steps of 1/64, apart in every place, but where float16 has to round them. */
export const PIXEL_VALUES: readonly number[] = Array.from({ length: 3 * 257 }, (_, i) =>
  Math.fround(((i * 7) % 257) / 64 - 2 + Math.floor(i / 257) / 64),
);

export function pixelsNetwork(): Network {
  const g = graphBuilder();
  const value = g.emit('unpackPixels', [g.input('input', 1)], { values: PIXEL_VALUES });
  return formulaNetwork(g.finish([{ name: 'y', value }]));
}

/** [2, 1, 64, 64]: every byte in every channel beside the smallest and the largest of the others, any others, and padding. */
export function everyPixel(): Tensor {
  const random = seededRandom(24);
  const edges = [0, 1, 2].flatMap((channel) =>
    Array.from({ length: 256 }, (_, byte) => [0, 255].map((other) => pixelOf(channel, byte, other))).flat(),
  );
  const others = Array.from({ length: 2 * 64 * 64 - edges.length - 8 }, () => Math.floor(random() * 2 ** 24));
  return tensor([2, 1, 64, 64], Float32Array.from([...edges, ...others, ...new Array<number>(8).fill(2 ** 24)]));
}

function pixelOf(channel: number, byte: number, other: number): number {
  return [0, 1, 2].reduce((sum, place) => sum + (place === channel ? byte : other) * 256 ** place, 0);
}
