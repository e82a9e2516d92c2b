/** EXIF's orientations: how a picture that is stored is turned to be displayed. */
import type { Region, RgbImage, Size } from '../core/frame.js';

/** 1 as it is stored; 2 mirrored; 3 half a turn; 4 upside down; 5 transposed; 6 a quarter to the right; 7 transposed over the other diagonal; 8 a quarter to the left. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a file says; 1 for what is no orientation, as decoders take it. */
export function orientationOf(value: number | undefined): Orientation {
  const known = ([1, 2, 3, 4, 5, 6, 7, 8] as const).find((orientation) => orientation === value);
  return known ?? 1;
}

/** Whether rows are displayed as columns. */
function isTransposed(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** Whether displayed columns count from the right, and rows from the bottom, of what is stored (transposed). */
function isReversed(orientation: Orientation): { readonly across: boolean; readonly down: boolean } {
  return { across: [2, 3, 6, 7].includes(orientation), down: [3, 4, 7, 8].includes(orientation) };
}

/** The size at which a stored picture is displayed, and the other way round. */
export function turnedSize({ width, height }: Size, orientation: Orientation): Size {
  return isTransposed(orientation) ? { width: height, height: width } : { width, height };
}

/** Where a displayed region lies in what is stored. @param size of the displayed picture. */
export function storedRegion(region: Region, size: Size, orientation: Orientation): Region {
  const { across, down } = isReversed(orientation);
  const { width, height } = region;
  const left = across ? size.width - region.left - width : region.left;
  const top = down ? size.height - region.top - height : region.top;
  return isTransposed(orientation)
    ? { left: top, top: left, width: height, height: width }
    : { left, top, width, height };
}

/** A stored region as it is displayed; itself where nothing is turned. */
export function turnPixels(stored: RgbImage, orientation: Orientation): RgbImage {
  if (orientation === 1) return stored;
  const { width, height } = turnedSize(stored, orientation);
  const { across, down } = isReversed(orientation);
  const transposed = isTransposed(orientation);
  const data = new Uint8Array(stored.data.length);
  const from = stored.data;
  // Pixels of what is stored from one displayed pixel to the next, across and down.
  const [stepX, stepY] = transposed ? [stored.width, 1] : [1, stored.width];
  for (let y = 0, to = 0; y < height; y++) {
    const row = (down ? height - 1 - y : y) * stepY;
    for (let x = 0; x < width; x++, to += 3) {
      const at = (row + (across ? width - 1 - x : x) * stepX) * 3;
      data[to] = from[at] ?? 0;
      data[to + 1] = from[at + 1] ?? 0;
      data[to + 2] = from[at + 2] ?? 0;
    }
  }
  return { width, height, data };
}
