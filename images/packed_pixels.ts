/** Pixels as a network takes them that normalises by itself (`graph/operations/packed_pixels.ts`): three bytes in one number. */
import type { RgbImage } from '../core/frame.js';

/** What stands where there is no picture: above every pixel. */
export const PACKED_PADDING = 2 ** 24;

/** Where pixels go: elements of `data` from `start`, rows `stride` apart. */
export interface PackedTarget {
  readonly data: Float32Array;
  readonly start: number;
  readonly stride: number;
}

/**
 * Each pixel as b0 + 2^8 b1 + 2^16 b2, which float32 holds exactly.
 * @param sources of each of the network's channels, its place in a pixel's memory.
 */
export function packPixels(
  { data, width, height }: RgbImage,
  [first = 0, second = 1, third = 2]: readonly number[],
  { data: into, start, stride }: PackedTarget,
): void {
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0, at = start + y * stride; x < width; x++, from += 3, at++) {
      into[at] = (data[from + first] ?? 0) | ((data[from + second] ?? 0) << 8) | ((data[from + third] ?? 0) << 16);
    }
  }
}
