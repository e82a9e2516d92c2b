import { first, invalid, mapShape, type NoAttributes, type Operation } from './operation.js';

export interface PoolAttributes {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

/** torch's `max_pool2d`, sizes rounded down. */
export const maxPool: Operation<PoolAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs, { kernel, stride, pad }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    const extent = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
    if (extent(h) < 1 || extent(w) < 1) throw invalid('a feature map large enough for the pooling', [h, w]);
    return [n, c, extent(h), extent(w)];
  },
};

/** Mean over all pixels, as a map of one pixel: [N, C, H, W] -> [N, C, 1, 1] (AdaptiveAvgPool2d(1)). */
export const averageToPixel: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => {
    const [n, c] = mapShape(first(inputs));
    return [n, c, 1, 1];
  },
};

/** Mean over all pixels: [N, C, H, W] -> [N, C] (AdaptiveAvgPool2d(1), then flatten). */
export const globalAveragePool: Operation<NoAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'vector', channels: first(inputs).channels }),
  shape: (inputs) => {
    const [n, c] = mapShape(first(inputs));
    return [n, c];
  },
};
