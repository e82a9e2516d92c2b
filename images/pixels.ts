import type { RgbImage, Size } from '../core/frame.js';

/** Pictures with more are refused before they are decoded: libvips' own limit, 268 million. */
export const MAX_PIXELS = 0x3fff * 0x3fff;

/** Which channel comes first in memory. */
export type ChannelOrder = 'rgb' | 'bgr';

/** A picture after `Normalize`: interleaved, three float32 a pixel, row-major, `height * width * 3` numbers. */
export interface NormalisedImage extends Size {
  readonly data: Float32Array;
  readonly order: ChannelOrder;
}

/** What a pipeline works on: 8 bits until `Normalize`, float32 from there. */
export type Pixels = RgbImage | NormalisedImage;

export function isNormalised(pixels: Pixels): pixels is NormalisedImage {
  return pixels.data instanceof Float32Array;
}

/** Colours in the order in which the pixels lie, from those in OpenMMLab's: BGR until something turns it. */
export function inMemoryOrder<Value>(pixels: Pixels, colours: readonly [Value, Value, Value]): readonly Value[] {
  return isNormalised(pixels) ? colours : colours.toReversed();
}
