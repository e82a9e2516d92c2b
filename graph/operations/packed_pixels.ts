/** A picture's pixels as they go to a device: three bytes in one number, in place of three numbers. */
import { first, invalid, mapShape, type Operation } from './operation.js';

/** What a byte may be, and the padding. */
export const PACKED_VALUES = 257;

export interface PackedPixelsAttributes {
  /** What the network sees of bytes: channel by channel the numbers of 0 to 255, and of padding. */
  readonly values: readonly number[];
}

/**
 * Pixels [N, 1, H, W] -> [N, 3, H, W] by a table. A pixel is the number b0 + 2^8 b1 + 2^16 b2 of the bytes of its channels, or 2^24
 * for padding: float32 holds each of them exactly, and what takes them apart (products with powers of two, differences, rounding down) is
 * exact as well. They are read in float32 in every precision. Passes alone make it.
 */
export const unpackPixels: Operation<PackedPixelsAttributes> = {
  inputs: 1,
  result: (inputs, { values }) => {
    const { kind, channels } = first(inputs);
    if (kind !== 'map' || channels !== 1) throw invalid('a map of one channel', channels);
    if (values.length !== 3 * PACKED_VALUES) throw invalid(`${3 * PACKED_VALUES} numbers`, values.length);
    return { kind: 'map', channels: 3 };
  },
  shape: (inputs) => {
    const [n, , h, w] = mapShape(first(inputs));
    return [n, 3, h, w];
  },
};
