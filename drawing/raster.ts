import type { RgbImage } from '../core/frame.js';
import type { Rgb } from './palette.js';

/** Interleaved RGBA, 8 bits, alpha not multiplied in: what a canvas gives. */
export interface RgbaTile {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Pixels between two breaths of the event loop: a few milliseconds of work. */
const PIXELS_AT_ONCE = 1 << 20;

/** Gives the event loop its turn. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

/** Calls `work` with successive runs of rows that cover the picture; other work gets its turn in between. */
export async function byRows(
  { width, height }: { readonly width: number; readonly height: number },
  work: (firstRow: number, endRow: number) => void,
): Promise<void> {
  const rows = Math.max(1, Math.floor(PIXELS_AT_ONCE / Math.max(width, 1)));
  for (let row = 0; row < height; row += rows) {
    if (row > 0) await breathe();
    work(row, Math.min(row + rows, height));
  }
}

/** A picture of one colour, interleaved RGB. */
export function blankImage(width: number, height: number, [r, g, b]: Rgb): RgbImage {
  const data = new Uint8Array(width * height * 3);
  if (r === g && g === b) data.fill(r);
  else for (let i = 0; i < data.length; i += 3) data.set([r, g, b], i);
  return { width, height, data };
}

/** Fills columns x1 to x2 - 1 of rows y1 to y2 - 1, as far as they lie in the picture. Integers. */
export function fillRectangle(image: RgbImage, x1: number, y1: number, x2: number, y2: number, [r, g, b]: Rgb): void {
  const { data, width, height } = image;
  const [left, right] = [Math.max(x1, 0), Math.min(x2, width)];
  for (let y = Math.max(y1, 0); y < Math.min(y2, height); y++) {
    for (let i = (y * width + left) * 3; i < (y * width + right) * 3; i += 3) {
      data[i] = r;
      data[i + 1] = g;
      data[i + 2] = b;
    }
  }
}

/** Lays `tile` over the picture with its upper left corner at (x, y), integers, by its alpha; what sticks out is cut. */
export function pasteTile(image: RgbImage, tile: RgbaTile, x: number, y: number): void {
  const { data, width, height } = image;
  for (let row = Math.max(0, -y); row < Math.min(tile.height, height - y); row++) {
    for (let column = Math.max(0, -x); column < Math.min(tile.width, width - x); column++) {
      const from = (row * tile.width + column) * 4;
      const to = ((y + row) * width + x + column) * 3;
      const alpha = tile.data[from + 3] ?? 0;
      for (let channel = 0; channel < 3; channel++) {
        const above = tile.data[from + channel] ?? 0;
        const below = data[to + channel] ?? 0;
        data[to + channel] = alpha === 255 ? above : below + (alpha * (above - below)) / 255 + 0.5;
      }
    }
  }
}
