import type { Size } from '../core/frame.js';

/** A picture of float64, interleaved, three numbers a pixel. */
export interface WideImage extends Size {
  readonly data: Float64Array;
}

/**
 * `resize(INTER_LINEAR)` of float64 in OpenCV's x86 packages, which leave it to Intel's IPP: weights of float64, columns
 * first. Equal whole parts; the last bits differ, since it fuses products and sums.
 * @param size 1 pixel or more each way.
 */
export function resizeFloat64(image: WideImage, size: Size): WideImage {
  if (size.width === image.width && size.height === image.height) return image;
  const across = axis(image.width, size.width);
  const down = axis(image.height, size.height);
  const row = size.width * 3;
  const wide = new Float64Array(image.height * row);
  for (let y = 0, at = 0; y < image.height; y++) {
    const start = y * image.width * 3;
    for (const { first, second, weight } of across) {
      for (let c = start; c < start + 3; c++, at++) {
        wide[at] = between(image.data[c + first * 3] ?? 0, image.data[c + second * 3] ?? 0, weight);
      }
    }
  }
  const data = new Float64Array(size.height * row);
  let at = 0;
  for (const { first, second, weight } of down) {
    const [upper, lower] = [first * row, second * row];
    for (let i = 0; i < row; i++, at++) data[at] = between(wide[upper + i] ?? 0, wide[lower + i] ?? 0, weight);
  }
  return { ...size, data };
}

function between(a: number, b: number, weight: number): number {
  return a + (b - a) * weight;
}

interface Neighbours {
  readonly first: number;
  readonly second: number;
  /** Of the second. */
  readonly weight: number;
}

function axis(from: number, to: number): readonly Neighbours[] {
  const inside = (position: number) => Math.min(Math.max(position, 0), from - 1);
  return Array.from({ length: to }, (_, i) => {
    const at = (i + 0.5) * (from / to) - 0.5;
    const floor = Math.floor(at);
    return { first: inside(floor), second: inside(floor + 1), weight: at - floor };
  });
}
