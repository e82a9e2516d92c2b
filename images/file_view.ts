import { readSync } from 'node:fs';
import type { NumberView } from './tiff_directory.js';

const PAGE = 2 ** 16;

/**
 * Numbers of an open file, read page by page when they are asked for.
 * @throws {RangeError} of its calls, for a place outside the file, as a `DataView` does.
 */
export function fileView(descriptor: number, size: number): NumberView {
  let start = -1;
  let page = new DataView(new ArrayBuffer(0));
  /** A view that has so many bytes from a place on, and where it begins in the file. */
  const at = (place: number, bytes: number): { readonly view: DataView; readonly offset: number } => {
    if (!(place >= 0 && place + bytes <= size)) throw new RangeError('outside of the file');
    if (start < 0 || place < start || place + bytes > start + page.byteLength) {
      start = place - (place % (PAGE / 2));
      const read = new Uint8Array(Math.min(PAGE, size - start));
      readSync(descriptor, read, 0, read.length, start);
      page = new DataView(read.buffer);
    }
    return { view: page, offset: place - start };
  };
  return {
    byteLength: size,
    getUint8(place) {
      const { view, offset } = at(place, 1);
      return view.getUint8(offset);
    },
    getUint16(place, little) {
      const { view, offset } = at(place, 2);
      return view.getUint16(offset, little);
    },
    getUint32(place, little) {
      const { view, offset } = at(place, 4);
      return view.getUint32(offset, little);
    },
    getBigUint64(place, little) {
      const { view, offset } = at(place, 8);
      return view.getBigUint64(offset, little);
    },
  };
}
