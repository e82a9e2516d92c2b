/** A picture's pixels in a file, where any of them are read at once: what libvips writes as `.v`. */
import { readSync } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import { LowformerError } from '../core/errors.js';
import type { Region, RgbImage, Size } from '../core/frame.js';
import { openTemporaryFolder } from '../files/temporary_folder.js';

/** Pixels follow libvips' header of 64 bytes, row by row, three bytes each. */
const HEADER = 64;
/** Of the header: width, height and bands, and bytes a number as a format that is 0 for them. */
const PLACES = { width: 4, height: 8, bands: 12, format: 20 } as const;
/** Rows of single reads after which the event loop has its turn. */
const ROWS_A_TURN = 512;

export interface UnpackedPicture extends AsyncDisposable {
  read(region: Region): Promise<RgbImage>;
}

/**
 * Decodes a picture into a temporary file, a few rows at a time, 3 bytes a pixel.
 * @param picture 8-bit sRGB without alpha, not turned.
 * @param name of the picture, for messages.
 * @throws {LowformerError} `unwritable-file` where there is no room; what libvips throws.
 */
export async function unpackPicture(picture: Sharp, { width, height }: Size, name: string): Promise<UnpackedPicture> {
  const bytes = width * height * 3;
  await checkRoom(bytes, name);
  const folder = await openTemporaryFolder();
  let file: FileHandle | undefined;
  const dispose = async () => {
    await file?.close();
    file = undefined;
    await folder[Symbol.asyncDispose]();
  };
  try {
    const path = join(folder.path, 'pixels.v');
    await picture.toFile(path);
    file = await open(path);
    await checkHeader(file, { width, height });
  } catch (error) {
    await dispose();
    throw error;
  }
  const opened = file;
  return {
    async read(region) {
      const data = new Uint8Array(region.width * region.height * 3);
      if (region.width === width) await readAll(opened, data, HEADER + region.top * width * 3);
      else await readRows(opened, data, region, width);
      return { width: region.width, height: region.height, data };
    },
    [Symbol.asyncDispose]: dispose,
  };
}

async function readAll(file: FileHandle, into: Uint8Array, start: number): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await file.read(into, at, into.length - at, start + at);
    if (bytesRead === 0) throw new RangeError('an unpacked picture that ends early');
    at += bytesRead;
  }
}

/** Row by row; the system has most of them in memory, where a call costs less than a promise. */
async function readRows(file: FileHandle, into: Uint8Array, region: Region, across: number): Promise<void> {
  const length = region.width * 3;
  for (let y = 0; y < region.height; y++) {
    const start = HEADER + ((region.top + y) * across + region.left) * 3;
    if (readSync(file.fd, into, y * length, length, start) !== length) {
      throw new RangeError('an unpacked picture that ends early');
    }
    if (y % ROWS_A_TURN === ROWS_A_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function checkHeader(file: FileHandle, { width, height }: Size): Promise<void> {
  const header = new Uint8Array(HEADER);
  await readAll(file, header, 0);
  const view = new DataView(header.buffer);
  // The order of the bytes is this machine's.
  const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const said = Object.fromEntries(Object.entries(PLACES).map(([key, at]) => [key, view.getInt32(at, little)]));
  if (said.width === width && said.height === height && said.bands === 3 && said.format === 0) return;
  throw new RangeError(`unpacked pixels of another form: ${JSON.stringify(said)}`);
}

/** @throws {LowformerError} `unwritable-file` where the disk has not so much room. */
async function checkRoom(bytes: number, name: string): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  if (bavail * bsize > bytes) return;
  throw new LowformerError({
    code: 'unwritable-file',
    where: name,
    expected: `room for ${gigabytes(bytes)} in ${tmpdir()}, where its pixels are unpacked to be read in parts,`,
    received: gigabytes(bavail * bsize),
    hint: 'Set TMPDIR to another folder, or save it as a tiled TIFF, which is read as it is.',
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
