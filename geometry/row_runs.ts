/** Masks row by row, as CVAT and Label Studio have them; COCO's runs go column by column. */
import type { Size } from '../core/frame.js';
import { type MaskRuns, runsByLabel } from './mask_runs.js';

/** Left, top, width, height in whole pixels. */
export type PixelBox = readonly [left: number, top: number, width: number, height: number];

/** What runs cover of a box: 1 inside, 0 outside, row-major. @param runs of the whole picture; what lies outside of the box is left out. */
export function maskPixels(runs: MaskRuns, { height }: Size, [left, top, across, down]: PixelBox): Uint8Array {
  const pixels = new Uint8Array(across * down);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    for (let pixel = at; i % 2 === 1 && pixel < at + run; pixel++) {
      const [x, y] = [Math.floor(pixel / height) - left, (pixel % height) - top];
      if (x >= 0 && y >= 0 && x < across && y < down) pixels[y * across + x] = 1;
    }
    at += run;
  }
  return pixels;
}

/** COCO's runs of a picture, of which a box is known and the rest is outside. @param pixels as of `maskPixels`; other than 0 is inside. */
export function pixelRuns(pixels: Uint8Array, size: Size, [left, top, across]: PixelBox): MaskRuns {
  const labels = new Uint8Array(size.width * size.height);
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] !== 0) labels[(top + Math.floor(i / across)) * size.width + left + (i % across)] = 1;
  }
  return runsByLabel({ ...size, labels }).get(1) ?? [labels.length];
}

/** Lengths of runs of equal pixels, outside first (0 where the first is inside). */
export function lengthsOf(pixels: Uint8Array): readonly number[] {
  const lengths: number[] = [];
  let [last, start] = [0, 0];
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] === last) continue;
    lengths.push(i - start);
    start = i;
    last = pixels[i] ?? 0;
  }
  lengths.push(pixels.length - start);
  return lengths;
}

/** The pixels that such lengths say. */
export function pixelsOf(lengths: readonly number[], count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    if (i % 2 === 1) pixels.fill(1, at, at + length);
    at += length;
  }
  return pixels;
}
