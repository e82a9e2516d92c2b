import { promisify } from 'node:util';
import { constants, deflate } from 'node:zlib';
import type { RgbImage } from '../core/frame.js';
import { COLOUR_TYPE, pngChunk, pngFile } from './png_chunks.js';

/** One byte a pixel, row-major, an index of the palette: red, green, blue of each colour. */
export interface IndexedImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly palette: readonly (readonly [number, number, number])[];
}

const compress = promisify(deflate);

/**
 * A picture as PNG, 8 bits, whose bytes follow from its pixels by the formats' rules alone: runs and Huffman's codes, no
 * search for matches, which compressors do by whatever instructions a processor has. About as small, where a picture
 * has noise, as with such a search, and several times as fast.
 */
export async function encodePng(image: RgbImage | IndexedImage): Promise<Buffer> {
  const { width, height, data } = image;
  const palette = 'palette' in image ? image.palette : undefined;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = palette === undefined ? COLOUR_TYPE.rgb : COLOUR_TYPE.palette;
  const rows = palette === undefined ? averaged(data, width * 3, height) : plain(data, width, height);
  const packed = await compress(rows, { strategy: constants.Z_RLE, memLevel: 8 });
  return pngFile([
    pngChunk('IHDR', header),
    ...(palette === undefined ? [] : [pngChunk('PLTE', Uint8Array.from(palette.flat()))]),
    pngChunk('IDAT', packed),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/** PNG's filter 0 on every row: the samples themselves. */
function plain(data: Uint8Array, length: number, rows: number): Uint8Array {
  const filtered = new Uint8Array((length + 1) * rows);
  for (let row = 0; row < rows; row++) {
    filtered.set(data.subarray(row * length, (row + 1) * length), row * (length + 1) + 1);
  }
  return filtered;
}

/** PNG's filter 3 on every row: what a sample differs by from the mean of those to its left and above. */
function averaged(data: Uint8Array, length: number, rows: number): Uint8Array {
  const filtered = new Uint8Array((length + 1) * rows);
  for (let row = 0, at = 0, i = 0; row < rows; row++) {
    filtered[at++] = 3;
    for (let column = 0; column < length; column++, i++) {
      const left = column < 3 ? 0 : (data[i - 3] ?? 0);
      const above = row === 0 ? 0 : (data[i - length] ?? 0);
      filtered[at++] = (data[i] ?? 0) - ((left + above) >> 1);
    }
  }
  return filtered;
}
