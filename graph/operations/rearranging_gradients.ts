/** What pooling, resizing and rearranging leave to their inputs. Inputs stand as in the operation itself, the gradient of its result last. */
import {
  first,
  invalid,
  mapShape,
  type NoAttributes,
  type Operation,
  type ParameterSpec,
  second,
} from './operation.js';
import type { PoolAttributes } from './pooling.js';
import type { PositionEmbeddingAttributes } from './position_embedding.js';
import type { UnshuffleAttributes } from './rearranging.js';
import { weight } from './weights.js';

export interface ChannelSliceAttributes {
  readonly first: number;
  readonly channels: number;
}
/** Some channels of a map. */
export const channelSlice: Operation<ChannelSliceAttributes> = {
  inputs: 1,
  result: (inputs, { first: from, channels }) => {
    const all = first(inputs).channels;
    if (from < 0 || channels < 1 || from + channels > all)
      throw invalid(`some of ${all} channels`, [from, from + channels]);
    return { kind: 'map', channels };
  },
  shape: (inputs, { channels }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return [n, channels, h, w];
  },
};

export interface PlaceChannelsAttributes {
  /** Where the first channel goes. */
  readonly first: number;
  /** Channels of the result. */
  readonly channels: number;
}
/** A map as some channels of a deeper one that is zero elsewhere. */
export const placeChannels: Operation<PlaceChannelsAttributes> = {
  inputs: 1,
  result: (inputs, { first: from, channels }) => {
    const own = first(inputs).channels;
    if (from < 0 || from + own > channels) throw invalid(`room for ${own} of ${channels} channels`, from);
    return { kind: 'map', channels };
  },
  shape: (inputs, { channels }) => {
    const [n, , h, w] = mapShape(first(inputs));
    return [n, channels, h, w];
  },
};

/** Zeros below and to the right, up to the size of a second map. */
export const padLike: Operation<NoAttributes> = {
  inputs: 2,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => {
    const [n, c, h, w] = mapShape(first(inputs));
    const [, , height, width] = mapShape(second(inputs));
    if (height < h || width < w) throw invalid(`at least ${h}x${w} pixels to pad to`, [height, width]);
    return [n, c, height, width];
  },
};

/** Each channel's value over the number of pixels, at every pixel: a map of any size and [N, C] or [N, C, 1, 1] -> [N, C, H, W]. */
export const spreadMean: Operation<NoAttributes> = {
  inputs: 2,
  result: (inputs) => ({ kind: 'map', channels: second(inputs).channels }),
  shape: (inputs) => {
    const [, , h, w] = mapShape(first(inputs));
    const [n = 0, c = 0] = second(inputs);
    return [n, c, h, w];
  },
};

/** A gradient with the first input's size and the last input's channels. */
function ofFirst<Attributes>(): Operation<Attributes> {
  return {
    inputs: 2,
    result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
    shape: (inputs) => mapShape(first(inputs)),
  };
}

export type ResamplingGradientAttributes =
  | { readonly of: 'nearest' }
  | { readonly of: 'bilinear'; readonly alignCorners: boolean }
  | { readonly of: 'averagePool' | 'averageAround'; readonly kernel: number };

/**
 * The gradient of what mixes pixels by fixed shares, rows and columns apart: a map of the size before (read for its size
 * alone) and the gradient of the result. The shares are what the operation makes of single pixels, so that both agree to
 * the last bit on which pixel is read.
 */
export const resamplingGradient = ofFirst<ResamplingGradientAttributes>();

/** To the largest pixel of each window; to the first of several. */
export const maxPoolGradient = ofFirst<PoolAttributes>();
/** To the first row of a window that has its largest values, and the first column there. */
export const adaptiveMaxPoolGradient = ofFirst<NoAttributes>();

/** Channels become the pixels of squares, as `pixelUnshuffle` undoes it: [N, C * f², H, W] -> [N, C, H * f, W * f]. */
export const pixelShuffle: Operation<UnshuffleAttributes> = {
  inputs: 1,
  result: (inputs, { factor }) => ({ kind: 'map', channels: first(inputs).channels / factor ** 2 }),
  shape: (inputs, { factor }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    return [n, c / factor ** 2, h * factor, w * factor];
  },
};

export type PositionEmbeddingGradientAttributes = Omit<PositionEmbeddingAttributes, 'name'>;

/** The gradient of learned positions: that of the map, summed over the batch, at the size they were learned for. */
export const positionEmbeddingGradient: Operation<PositionEmbeddingGradientAttributes> = {
  inputs: 1,
  result: (inputs, attributes) => weight(...embeddingShape(first(inputs).channels, attributes)),
  shape: (inputs, attributes) => embeddingShape(mapShape(first(inputs))[1], attributes),
};

function embeddingShape(
  channels: number,
  { height, width, skip = 0 }: PositionEmbeddingGradientAttributes,
): ParameterSpec['shape'] {
  return [1, skip + height * width, channels];
}
