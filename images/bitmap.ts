/**
 * Windows bitmaps (`.bmp`), which libvips does not read: 1, 4, 8, 16, 24 and 32 bits a pixel, palettes, both run-length
 * encodings, rows from the bottom or the top, headers of OS/2 and of Windows 3 to 5. Pixels are what OpenCV gives:
 * 5 and 6 bits are shifted up with zeros below, alpha is dropped. (The packages tried ignore or misread palettes.)
 */
import type { RgbImage, Size } from '../core/frame.js';

/** Whether the bytes open as a bitmap does. */
export function isBitmap(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** A message for the user: `decodeImage` puts the file's name before it. */
export class BitmapError extends Error {}

/**
 * @param maxPixels refused beyond that.
 * @throws {BitmapError} when the file is cut off, contradicts itself, or is of a kind that is not read.
 */
export function decodeBitmap(bytes: Uint8Array, maxPixels: number): RgbImage {
  const header = checkedHeader(bytes, maxPixels);
  const reader = READERS[`${header.compression}:${header.bits}`];
  if (reader === undefined) {
    throw new BitmapError(`Its kind is not read: ${header.bits} bits a pixel, compression ${header.compression}.`);
  }
  const { width, height } = header;
  return { width, height, data: reader(bytes, header) };
}

/** What the header says, before anything is decoded. @throws {BitmapError} as `decodeBitmap`. */
export function bitmapSize(bytes: Uint8Array, maxPixels: number): Size {
  const { width, height } = checkedHeader(bytes, maxPixels);
  return { width, height };
}

function checkedHeader(bytes: Uint8Array, maxPixels: number): Header {
  const header = readHeader(bytes);
  const { width, height } = header;
  if (!(width > 0 && height > 0)) throw new BitmapError(`Its header says ${width}x${height} pixels.`);
  if (width * height > maxPixels)
    throw new BitmapError(`Its header says ${width}x${height} pixels, more than ${maxPixels}.`);
  return header;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly fromTop: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Where the pixels start. */
  readonly offset: number;
  /** Red, green, blue of each palette colour. */
  readonly palette: Uint8Array;
  /** Of red, green and blue, where the file says them. */
  readonly masks: readonly [number, number, number] | undefined;
}

type Reader = (bytes: Uint8Array, header: Header) => Uint8Array;

const PLAIN = 0;
const RUNS_8 = 1;
const RUNS_4 = 2;
const MASKS = 3;

/** By compression and bits a pixel. */
const READERS: Readonly<Record<string, Reader>> = {
  [`${PLAIN}:1`]: readIndexed,
  [`${PLAIN}:4`]: readIndexed,
  [`${PLAIN}:8`]: readIndexed,
  [`${PLAIN}:16`]: readSixteenBits,
  [`${PLAIN}:24`]: readBytes,
  [`${PLAIN}:32`]: readBytes,
  [`${RUNS_8}:8`]: readRuns,
  [`${RUNS_4}:4`]: readRuns,
  [`${MASKS}:16`]: readSixteenBits,
  [`${MASKS}:32`]: readBytes,
};

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  need(bytes, 26);
  const size = view.getUint32(14, true);
  const end = 14 + size;
  need(bytes, end);
  const offset = view.getUint32(10, true);
  if (size === 12) {
    const bits = view.getUint16(24, true);
    const colours = bits > 8 ? 0 : Math.min(2 ** bits, Math.floor((offset - end) / 3));
    return {
      ...upright(view.getUint16(18, true), view.getInt16(20, true)),
      bits,
      compression: PLAIN,
      offset,
      palette: readPalette(bytes, end, colours, 3),
      masks: undefined,
    };
  }
  if (size < 40) throw new BitmapError(`Its kind is not read: a header of ${size} bytes.`);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const used = view.getUint32(46, true);
  let masks: Header['masks'];
  if (compression === MASKS) {
    need(bytes, 66);
    masks = [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
  }
  const colours = bits > 8 ? 0 : Math.min(used === 0 ? 2 ** bits : used, 2 ** bits);
  return {
    ...upright(view.getInt32(18, true), view.getInt32(22, true)),
    bits,
    compression,
    offset,
    palette: readPalette(bytes, end, colours, 4),
    masks,
  };
}

/** A negative height: rows from the top. */
function upright(width: number, height: number): Pick<Header, 'width' | 'height' | 'fromTop'> {
  return { width, height: Math.abs(height), fromTop: height < 0 };
}

/** Colours that an index names but the file does not give are black. */
function readPalette(bytes: Uint8Array, start: number, colours: number, step: number): Uint8Array {
  need(bytes, start + Math.max(0, colours) * step);
  const palette = new Uint8Array(256 * 3);
  for (let i = 0, at = start; i < colours; i++, at += step) {
    for (let c = 0; c < 3; c++) palette[i * 3 + c] = bytes[at + 2 - c] ?? 0;
  }
  return palette;
}

function need(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw new BitmapError(`It is cut off: ${bytes.length} bytes of at least ${length}.`);
}

/** Calls `row` with the start of each row in the file and in the result. Rows of the file are multiples of 4 bytes. */
function eachRow(bytes: Uint8Array, header: Header, row: (from: number, to: number) => void): void {
  const { width, height, bits, offset, fromTop } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  // The last row may lack its filling bytes.
  need(bytes, offset + stride * (height - 1) + Math.ceil((width * bits) / 8));
  for (let y = 0; y < height; y++) row(offset + y * stride, (fromTop ? y : height - 1 - y) * width * 3);
}

function readIndexed(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits, palette } = header;
  const data = new Uint8Array(width * height * 3);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  eachRow(bytes, header, (from, to) => {
    for (let x = 0; x < width; x++) {
      const byte = bytes[from + Math.floor(x / perByte)] ?? 0;
      const index = (byte >> (8 - bits * ((x % perByte) + 1))) & mask;
      for (let c = 0; c < 3; c++) data[to + x * 3 + c] = palette[index * 3 + c] ?? 0;
    }
  });
  return data;
}

function readSixteenBits(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, masks } = header;
  const [red, green, blue] = masks ?? [0x7c00, 0x3e0, 0x1f];
  const six = red === 0xf800 && green === 0x7e0;
  if (blue !== 0x1f || !(six || (red === 0x7c00 && green === 0x3e0))) {
    throw new BitmapError('Its kind is not read: 16 bits a pixel that are neither 5-5-5 nor 5-6-5.');
  }
  const data = new Uint8Array(width * height * 3);
  eachRow(bytes, header, (from, to) => {
    for (let x = 0, at = to; x < width; x++, at += 3) {
      const value = (bytes[from + x * 2] ?? 0) | ((bytes[from + x * 2 + 1] ?? 0) << 8);
      data[at] = (value >> (six ? 8 : 7)) & 0xf8;
      data[at + 1] = six ? (value >> 3) & 0xfc : (value >> 2) & 0xf8;
      data[at + 2] = (value << 3) & 0xf8;
    }
  });
  return data;
}

/** 24 and 32 bits: each colour is a byte, blue first where no masks say otherwise. */
function readBytes(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits, masks } = header;
  const [red, green, blue] = (masks ?? [0xff0000, 0xff00, 0xff]).map((mask) => {
    const place = [0xff, 0xff00, 0xff0000, 0xff000000].indexOf(mask);
    if (place < 0) throw new BitmapError('Its kind is not read: 32 bits a pixel whose colours are no whole bytes.');
    return place;
  });
  const step = bits / 8;
  const data = new Uint8Array(width * height * 3);
  eachRow(bytes, header, (start, to) => {
    for (let x = 0, from = start, at = to; x < width; x++, from += step, at += 3) {
      data[at] = bytes[from + (red ?? 2)] ?? 0;
      data[at + 1] = bytes[from + (green ?? 1)] ?? 0;
      data[at + 2] = bytes[from + (blue ?? 0)] ?? 0;
    }
  });
  return data;
}

/** Run-length encoding: counts and indices, or escapes: end of row, end of picture, a jump, indices as they are. */
function readRuns(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits, offset, palette, fromTop } = header;
  const indices = new Uint8Array(width * height);
  let x = 0;
  let y = 0;
  let at = offset;
  const put = (index: number): void => {
    if (x < width && y < height) indices[(fromTop ? y : height - 1 - y) * width + x] = index;
    x++;
  };
  const nibble = (byte: number, i: number): number => (bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  for (;;) {
    need(bytes, at + 2);
    const count = bytes[at] ?? 0;
    const value = bytes[at + 1] ?? 0;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(nibble(value, i));
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      need(bytes, at + 2);
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const length = Math.ceil((value * bits) / 8);
      need(bytes, at + length);
      for (let i = 0; i < value; i++) put(nibble(bytes[at + Math.floor((i * bits) / 8)] ?? 0, i));
      at += length + (length % 2);
    }
    // A picture may end with its last row instead of the mark for it.
    if (y >= height) break;
  }
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < indices.length; i++) {
    for (let c = 0; c < 3; c++) data[i * 3 + c] = palette[(indices[i] ?? 0) * 3 + c] ?? 0;
  }
  return data;
}
