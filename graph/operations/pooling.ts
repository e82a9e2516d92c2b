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

export interface AveragePoolAttributes {
  /** Side of the windows, and how far one lies from the next. */
  readonly kernel: number;
}

/**
 * Mean over windows side by side; where the last ones reach beyond the map, over the pixels that are there. Sizes are
 * rounded up: torch's `avg_pool2d` with `ceil_mode`, without `count_include_pad`.
 */
export const averagePool: Operation<AveragePoolAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs, { kernel }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    return [n, c, Math.ceil(h / kernel), Math.ceil(w / kernel)];
  },
};

export interface AroundAttributes {
  /** Side of the windows, odd: each has its pixel in the middle. */
  readonly kernel: number;
}

/**
 * Mean over the window around each pixel; at the border over the pixels that are there. The size stays: torch's `avg_pool2d`
 * of stride 1, padded by half the kernel, without `count_include_pad`.
 */
export const averageAround: Operation<AroundAttributes> = {
  inputs: 1,
  result: (inputs, { kernel }) => {
    if (kernel % 2 !== 1) throw invalid('an odd kernel', kernel);
    return { kind: 'map', channels: first(inputs).channels };
  },
  shape: (inputs) => mapShape(first(inputs)),
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
