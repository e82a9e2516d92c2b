/** What convolutions that were made one need at the border of a map. Passes alone make these operations. */
import { first, invalid, mapShape, type Operation, parameter, second } from './operation.js';

export interface RingAttributes {
  /** How often each pixel of the ring stands there one after the other: what enlarging the map to the nearest pixel first would give. */
  readonly factor: number;
}

/**
 * The outermost pixels of a map in one row: its first row, its last row, its first column, its last column.
 * [N, C, H, W] -> [N, C, 1, 2 * (W + H) * factor].
 */
export const borderRing: Operation<RingAttributes> = {
  inputs: 1,
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs, { factor }) => {
    const [n, c, h, w] = mapShape(first(inputs));
    return [n, c, 1, 2 * (w + h) * factor];
  },
};

export interface BorderAttributes {
  /** Channels between the two convolutions. */
  readonly middle: number;
  /** Of the first of them. */
  readonly bias: boolean;
}

/**
 * What two convolutions of kernel 3 give, from what one of kernel 5 gives that was composed of them: the second pads with
 * zeros, where the composed one sees what the first would give a pixel outside of its input. That is subtracted from the
 * outermost pixels.
 *
 * Inputs: the composed one's result [N, out, H, W], and the ring of the first one's input (`borderRing`,
 * [N, C, 1, 2 * (W + H)]).
 */
export const borderCorrection: Operation<BorderAttributes> = {
  inputs: 2,
  parameters: (inputs, { middle, bias }) => ({
    first: parameter(middle, second(inputs).channels, 3, 3),
    ...(bias ? { bias: parameter(middle) } : {}),
    second: parameter(first(inputs).channels, middle, 3, 3),
  }),
  result: (inputs) => ({ kind: 'map', channels: first(inputs).channels }),
  shape: (inputs) => {
    const [n, c, h, w] = mapShape(first(inputs));
    const length = mapShape(second(inputs))[3];
    if (length !== 2 * (h + w)) throw invalid(`a ring of ${2 * (h + w)} pixels`, length);
    return [n, c, h, w];
  },
  macs: (inputs, [n = 0, out = 0], { middle }) => {
    const [, c, , length] = mapShape(second(inputs));
    return n * 3 * length * middle * (c + out);
  },
};
