/** A label map that is written as its rows come: the file of `encodeLabelMap`, of which no more than some rows are held. */
import { createDeflate } from 'node:zlib';
import { LowformerError } from '../core/errors.js';
import type { Size } from '../core/frame.js';
import { openWhole } from '../files/atomic_write.js';
import { COLOUR_TYPE, pngChunk, pngFile } from '../images/png_chunks.js';
import type { LabelMapOptions } from './label_map.js';
import { classPalette } from './palette.js';

/** Bytes that are handed to the compressor at a time. */
const BYTES_AT_ONCE = 2 ** 20;

/** Disposing of it before `finish` leaves no file. */
export interface LabelMapRows extends AsyncDisposable {
  /**
   * The next rows, from the top down, as wide as the map.
   * @throws {LowformerError} `invalid-argument` for a label of `classCount` or more; `unwritable-file`.
   */
  add(labels: Uint8Array | Uint16Array): Promise<void>;
  /** The file takes its place. @throws {LowformerError} `unwritable-file`; `invalid-argument` where rows are missing. */
  finish(): Promise<void>;
}

/**
 * A PNG whose pixel values are the class indices: up to 256 classes 8 bits with a palette, above that 16 bits of grey.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function openLabelMapRows(
  path: string,
  { width, height }: Size,
  { classCount = 256, palette }: LabelMapOptions,
): Promise<LabelMapRows> {
  const wide = classCount > 256;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = wide ? 16 : 8;
  header[9] = wide ? COLOUR_TYPE.grey : COLOUR_TYPE.palette;
  const colours = wide ? [] : [pngChunk('PLTE', Uint8Array.from(classPalette(classCount, palette).flat()))];
  const whole = await openWhole(path);
  const deflate = createDeflate({ level: 6 });
  const packing = (async () => {
    await whole.append(pngFile([pngChunk('IHDR', header), ...colours]));
    for await (const part of deflate) await whole.append(pngChunk('IDAT', part).bytes);
  })();
  // It is told where it is waited for.
  packing.catch(() => {});
  let rowsWritten = 0;
  const pack = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      deflate.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  const stride = 1 + width * (wide ? 2 : 1);
  const rowsAtOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / stride));
  return {
    async add(labels) {
      const rows = labels.length / width;
      for (let row = 0; row < rows; row += rowsAtOnce) {
        const some = labels.subarray(row * width, Math.min(row + rowsAtOnce, rows) * width);
        const bytes = filtered(some, width, { stride, wide, classCount });
        // Where writing has failed, packing says why.
        await Promise.race([pack(bytes), packing]);
      }
      rowsWritten += rows;
    },
    async finish() {
      if (rowsWritten !== height) throw invalid(`${height} rows of labels`, rowsWritten);
      deflate.end();
      await packing;
      await whole.append(pngChunk('IEND', new Uint8Array()).bytes);
      await whole.finish();
    },
    async [Symbol.asyncDispose]() {
      deflate.destroy();
      await packing.catch(() => {});
      await whole[Symbol.asyncDispose]();
    },
  };
}

interface RowForm {
  /** Bytes of a row and its filter. */
  readonly stride: number;
  readonly wide: boolean;
  readonly classCount: number;
}

/** Rows as PNG has them before compression: filter 0, then the samples, the upper byte first. */
function filtered(labels: Uint8Array | Uint16Array, width: number, { stride, wide, classCount }: RowForm): Uint8Array {
  const rows = labels.length / width;
  const bytes = new Uint8Array(rows * stride);
  for (let row = 0, from = 0; row < rows; row++) {
    for (let at = row * stride + 1, x = 0; x < width; x++, from++) {
      const label = labels[from] ?? 0;
      if (label >= classCount) throw invalid(`labels below ${classCount}`, label);
      if (wide) bytes[at++] = label >> 8;
      bytes[at++] = label;
    }
  }
  return bytes;
}

function invalid(expected: string, received: number): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'label map', expected, received });
}
