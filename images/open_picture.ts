/** Pictures of any size: small ones are held, large ones are read in parts. */
import { closeSync } from 'node:fs';
import type { Metadata, Sharp } from 'sharp';
import type { PartedPicture, Picture, Region, RgbImage, Size } from '../core/frame.js';
import { openRegularFileSync } from '../files/regular_file.js';
import { attempt, type DecodeOptions, decodeImage, tooLarge, unreadable } from './decode.js';
import { fileView } from './file_view.js';
import { loadSharp } from './load_sharp.js';
import { MAX_PIXELS } from './pixels.js';
import { plainTiff } from './tiff.js';
import { type NumberView, readTiffTags } from './tiff_directory.js';
import { type Orientation, orientationOf, storedRegion, turnedSize, turnPixels } from './turn.js';
import { type UnpackedPicture, unpackPicture } from './unpacked_picture.js';

/** Pictures with no more are held whole: 200 MB of pixels. */
export const HELD_PIXELS = 2 ** 26;

export interface OpenOptions extends DecodeOptions {
  /** Pixels up to which a picture is held; `HELD_PIXELS` unless told otherwise. */
  readonly holdUpTo?: number;
}

/**
 * A picture as `decodeImage` gives it, or in parts that have the same pixels. JPEG that is not progressive, PNG that is not
 * interlaced, and TIFF of 8-bit grey or RGB without alpha are read in parts: tiles of a TIFF where they lie, all others from a
 * temporary file into which their pixels are unpacked when the first part is read. What else is large is held
 * whole.
 * @throws {LowformerError} as `decodeImage`.
 */
export async function openPicture(source: string | Uint8Array, options: OpenOptions = {}): Promise<Picture> {
  const { holdUpTo = HELD_PIXELS } = options;
  const name = options.name ?? (typeof source === 'string' ? source : 'picture');
  const sharp = await loadSharp();
  const open = () => sharp(source, { failOn: 'error', ignoreIcc: true, limitInputPixels: false });
  // A pipe would be waited for. What is wrong with a file, decoding says.
  const header = isRegular(source)
    ? await open()
        .metadata()
        .catch(() => undefined)
    : undefined;
  if (header === undefined || header.width * header.height <= holdUpTo) return decodeImage(source, options);
  const way = wayOf(header, source);
  const pixels = header.width * header.height;
  if (way === undefined) return decodeImage(source, options);
  const limit = { pixels: options.maxPixels ?? MAX_PIXELS, isChoice: options.maxPixels !== undefined };
  if (pixels > limit.pixels) throw tooLarge(name, limit);
  if (header.format === 'png' && !endsAsPng(source)) {
    throw unreadable(name, 'an undamaged PNG picture', 'The file is cut off.');
  }
  // Never held, but one at a time: each may have as much on the disk.
  await options.admit?.(pixels * 3);
  const stored = { width: header.width, height: header.height };
  const read = way === 'tiles' ? readTiles(open) : readUnpacked(open, stored, name);
  const expected = `an undamaged ${header.format.toUpperCase()} picture`;
  return turnedPicture(stored, orientationOf(header.orientation), {
    read: (region) => attempt(name, expected, () => read.read(region), limit),
    [Symbol.asyncDispose]: () => read[Symbol.asyncDispose](),
  });
}

/** A picture that is read by where its pixels are stored. */
function turnedPicture(stored: Size, orientation: Orientation, parts: UnpackedPicture): PartedPicture {
  const size = turnedSize(stored, orientation);
  return {
    ...size,
    read: async (region) => turnPixels(await parts.read(storedRegion(region, size, orientation)), orientation),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}

/** What is said of a file before it is decoded. */
function wayOf(header: Metadata, source: string | Uint8Array): 'tiles' | 'unpacked' | undefined {
  const { format, space, depth, isProgressive } = header;
  if (space === 'cmyk' || (depth !== 'uchar' && depth !== 'ushort')) return undefined;
  switch (format) {
    case 'jpeg':
    case 'png':
      return isProgressive ? undefined : 'unpacked';
    case 'tiff': {
      const tags = depth === 'uchar' ? withView(source, readTiffTags) : undefined;
      const plain = tags && plainTiff(tags);
      if (plain === undefined) return undefined;
      return plain.tiled ? 'tiles' : 'unpacked';
    }
    default:
      return undefined;
  }
}

function eightBits(picture: Sharp): Sharp {
  return picture.removeAlpha().toColourspace('srgb');
}

function readTiles(open: () => Sharp): UnpackedPicture {
  return {
    async read({ left, top, width, height }: Region): Promise<RgbImage> {
      const part = eightBits(open().extract({ left, top, width, height }));
      const { data } = await part.raw().toBuffer({ resolveWithObject: true });
      return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Unpacks with the first part that is read. */
function readUnpacked(open: () => Sharp, size: Size, name: string): UnpackedPicture {
  let unpacking: Promise<UnpackedPicture> | undefined;
  return {
    async read(region) {
      unpacking ??= unpackPicture(eightBits(open()), size, name);
      return (await unpacking).read(region);
    },
    async [Symbol.asyncDispose]() {
      const unpacked = await unpacking?.catch(() => undefined);
      await unpacked?.[Symbol.asyncDispose]();
    },
  };
}

/** Whether bytes are given, or a regular file's path. */
function isRegular(source: string | Uint8Array): boolean {
  return withView(source, () => true) === true;
}

/** Uses a file's numbers; undefined where it cannot be opened. */
function withView<Value>(source: string | Uint8Array, use: (view: NumberView) => Value): Value | undefined {
  if (typeof source !== 'string') return use(new DataView(source.buffer, source.byteOffset, source.byteLength));
  let file: ReturnType<typeof openRegularFileSync>;
  try {
    file = openRegularFileSync(source, { expected: 'a picture' });
  } catch {
    return undefined;
  }
  try {
    return use(fileView(file.descriptor, file.size));
  } finally {
    closeSync(file.descriptor);
  }
}

/** Bytes at a PNG's end in which its end chunk stands, and whatever follows it. */
const END_BYTES = 2 ** 16;

/** Whether a PNG has its end: libvips takes one that is cut off, and says nothing. */
function endsAsPng(source: string | Uint8Array): boolean {
  return (
    withView(source, (view) => {
      const end = Buffer.alloc(Math.min(END_BYTES, view.byteLength));
      for (let i = 0; i < end.length; i++) end[i] = view.getUint8(view.byteLength - end.length + i);
      return end.includes('IEND');
    }) === true
  );
}
