import { first, invalid, mapShape, type NoAttributes, type Operation, second } from './operation.js';

/**
 * Largest values over windows that cover the map, as many as a second tensor has pixels: torch's `adaptive_max_pool2d` to
 * the size of that tensor. Window `i` of `out` begins at row floor(i * in / out) and ends before ceil((i + 1) * in / out):
 * neighbours share a row where the sizes do not divide. [N, C, H, W] and [N, D, h, w] -> [N, C, h, w].
 */
export const adaptiveMaxPoolLike: Operation<NoAttributes> = {
  inputs: 2,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => {
    const [n, c, h, w] = mapShape(first(inputs));
    const [, , height, width] = mapShape(second(inputs));
    if (h < 1 || w < 1) throw invalid('a feature map to pool', [h, w]);
    return [n, c, height, width];
  },
};

/** Where the windows along one side lie: the first pixel of each, and the one after its last. */
export function adaptiveWindows(from: number, to: number): readonly (readonly [start: number, end: number])[] {
  return Array.from({ length: to }, (_, i) => [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)] as const);
}
