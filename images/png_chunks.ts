/** The pieces that a PNG file is made of, where its pixels are to stay as they are stored. */
import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** PNG's colour types, as the header has them. */
export const COLOUR_TYPE = { grey: 0, rgb: 2, palette: 3 } as const;

export interface PngChunk {
  /** `IHDR`, `PLTE`, `IDAT`, `IEND`… */
  readonly type: string;
  /** The whole chunk: length, type, data, checksum. */
  readonly bytes: Buffer;
}

export interface PngHeader {
  /** Bits a sample. */
  readonly depth: number;
  readonly colourType: number;
}

/** Whether the bytes open as a PNG does. */
export function isPng(file: Buffer): boolean {
  return file.subarray(0, SIGNATURE.length).equals(SIGNATURE);
}

/** The chunks of a file up to its end chunk; undefined where it is cut off before that. */
export function pngChunks(file: Buffer): readonly PngChunk[] | undefined {
  const chunks: PngChunk[] = [];
  for (let at = SIGNATURE.length; at + 12 <= file.length; ) {
    const end = at + 12 + file.readUInt32BE(at);
    if (end > file.length) return undefined;
    const type = file.toString('latin1', at + 4, at + 8);
    chunks.push({ type, bytes: file.subarray(at, end) });
    if (type === 'IEND') return chunks;
    at = end;
  }
  return undefined;
}

/** What a file's header says; undefined for a chunk that is no header. */
export function pngHeader({ type, bytes }: PngChunk): PngHeader | undefined {
  if (type !== 'IHDR' || bytes.length !== 25) return undefined;
  return { depth: bytes[16] ?? 0, colourType: bytes[17] ?? 0 };
}

/** A header that calls the same samples by another colour type. */
export function withColourType({ bytes }: PngChunk, colourType: number): PngChunk {
  const data = Buffer.from(bytes.subarray(8, 21));
  data[9] = colourType;
  return pngChunk('IHDR', data);
}

export function pngChunk(type: string, data: Uint8Array): PngChunk {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return { type, bytes };
}

export function pngFile(chunks: readonly PngChunk[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks.map(({ bytes }) => bytes)]);
}
