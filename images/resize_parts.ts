/** A picture at another size, of which no more than some rows are held. No Node API. */
import type { PartedPicture, RgbImage, Size } from '../core/frame.js';
import { bilinearAxes, interpolateRows } from './resize_bilinear.js';

/** Bytes of the rows that are held at a time; two rows at least. */
const BYTES_AT_ONCE = 32 * 2 ** 20;

/** Whether `resizeParts` has the size: not exactly the half, which OpenCV makes otherwise. */
export function canResizeParts(from: Size, size: Size): boolean {
  return bilinearAxes(from, size) !== undefined;
}

/**
 * `resizeBilinear` of the whole picture, to the bit.
 * @param size one that `canResizeParts` has.
 * @param bytesAtOnce of the rows that are held.
 * @throws what reading the picture throws.
 */
export async function resizeParts(picture: PartedPicture, size: Size, bytesAtOnce = BYTES_AT_ONCE): Promise<RgbImage> {
  const axes = bilinearAxes(picture, size);
  if (axes === undefined) throw new RangeError('no interpolation between two rows');
  const data = new Uint8Array(size.width * size.height * 3);
  const rowsAtOnce = Math.max(1, Math.floor(bytesAtOnce / (picture.width * 3)) - 1);
  const { upperRows } = axes;
  for (let y = 0; y < size.height; ) {
    const top = upperRows[y] ?? 0;
    let end = y + 1;
    while (end < size.height && (upperRows[end] ?? 0) < top + rowsAtOnce) end++;
    const bottom = Math.min((upperRows[end - 1] ?? 0) + 2, picture.height);
    const image = await picture.read({ left: 0, top, width: picture.width, height: bottom - top });
    interpolateRows({ image, top }, axes, { start: y, end }, data);
    y = end;
  }
  return { ...size, data };
}
