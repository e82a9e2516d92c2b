import { constants } from 'node:buffer';
import type { Sharp } from 'sharp';
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import type { Notes } from '../core/notes.js';
import { readRegularFile } from '../files/regular_file.js';
import { BitmapError, bitmapSize, decodeBitmap, isBitmap } from './bitmap.js';
import { possibleEnds } from './jpeg_end.js';
import { loadSharp } from './load_sharp.js';
import { otherFormat } from './other_formats.js';
import { MAX_PIXELS } from './pixels.js';
import { type OddTiff, oddTiff, TiffError } from './tiff.js';

/** What sharp calls the formats that are read, besides bitmaps. */
const FORMATS: readonly string[] = ['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif', 'avif'];
const CONVERT = 'Convert it to JPEG or PNG first.';
const READABLE = 'a JPEG, PNG, WebP, TIFF, GIF, AVIF or BMP picture';

export interface DecodeOptions {
  /** What errors call the picture; a path's own text by default. */
  readonly name?: string;
  /** Gets what is odd about the file, where it is read all the same. */
  readonly notes?: Notes;
  /** Waited for when the picture's size is known, before its pixels are decoded into so many bytes. */
  readonly admit?: (bytes: number) => Promise<void>;
  /** Pictures with more are refused before they are decoded; `MAX_PIXELS` unless told otherwise. */
  readonly maxPixels?: number;
}

/**
 * A picture as it is displayed: 8-bit RGB, turned as its EXIF orientation says. Pixels are those of OpenCV's
 * `imread(IMREAD_COLOR)`, to the bit for JPEG, too (both decode with libjpeg-turbo's defaults): alpha is dropped, not
 * blended (but for a TIFF that marks it as unassociated: there OpenCV multiplies colours by it); of 16 bits the upper 8
 * count (rounded, in colour TIFF); colour profiles and gamma change nothing; CMYK is
 * multiplied out; grey becomes three equal channels; of several frames or pages the first is taken.
 * Known departures: OpenCV 4.11 does not turn WebP by its EXIF, reads no GIF, and misreads tiles at the right edge of a
 * TIFF that is grey of 16 bits or of several bands.
 * @param source a path, or a whole file's bytes.
 * @throws {LowformerError} `unreadable-image`, naming the picture, for what is missing, empty, cut off, damaged, no
 *   picture, or of more than `maxPixels`; `missing-package`.
 */
export async function decodeImage(source: string | Uint8Array, options: DecodeOptions = {}): Promise<RgbImage> {
  const name = options.name ?? (typeof source === 'string' ? source : 'picture');
  const bytes =
    typeof source === 'string'
      ? await readRegularFile(source, { expected: READABLE, code: 'unreadable-image', name })
      : source;
  if (bytes.length === 0) throw unreadable(name, READABLE, 'It is empty (0 bytes).');
  if (isBitmap(bytes)) return bitmap(bytes, name, options);

  const limit = pixelLimit(options);
  const sharp = await loadSharp();
  const openBytes = (file: Uint8Array) =>
    sharp(file, { failOn: 'error', ignoreIcc: true, autoOrient: true, limitInputPixels: limit.pixels });
  const open = () => openBytes(bytes);
  const { format, space, depth, width, height, compression } = await attempt(
    name,
    READABLE,
    () => open().metadata(),
    limit,
  ).catch((error: unknown) => {
    const other = otherFormat(bytes);
    throw other === undefined ? error : unreadable(name, READABLE, `It is ${other}. ${CONVERT}`);
  });
  if (compression === 'hevc')
    throw unreadable(name, READABLE, `It is HEIC, for which another codec is needed (HEVC). ${CONVERT}`);
  if (!FORMATS.includes(format)) throw unreadable(name, READABLE, `It is ${format.toUpperCase()}.`);
  if (depth !== 'uchar' && (depth !== 'ushort' || space === 'cmyk')) {
    throw unreadable(name, '8 or 16 bits a channel (8 in CMYK)', `Its pixels are of type '${depth}'.`);
  }
  if (format === 'png' && !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('IEND')) {
    throw unreadable(name, 'an undamaged PNG picture', 'The file is cut off.');
  }
  const expected = `an undamaged ${format.toUpperCase()} picture`;
  const odd = format === 'tiff' ? oddOf(bytes, name) : undefined;
  await options.admit?.(width * height * 3);
  const pixels = async (picture: () => Sharp): Promise<RgbImage> => {
    if (odd !== undefined) return odd(openBytes);
    if (space === 'cmyk') return fromCmyk(picture(), format === 'jpeg' ? printed : filtered);
    if (space === 'rgb16' && format === 'tiff') return fromWide(picture());
    const { data, info } = await picture()
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: bytesOf(data) };
  };
  try {
    return await attempt(name, expected, () => pixels(open), limit);
  } catch (error) {
    const image =
      format === 'jpeg' && isCutOff(error) ? await ended(bytes, (file) => pixels(() => openBytes(file))) : undefined;
    if (image === undefined) throw error;
    options.notes?.add({
      kind: 'jpeg-end',
      where: name,
      message: 'The end marker of the JPEG is missing, and no pixel',
    });
    return image;
  }
}

/** The picture of a JPEG that lacks its end marker alone; undefined where it lacks more. */
async function ended(
  bytes: Uint8Array,
  decode: (file: Uint8Array) => Promise<RgbImage>,
): Promise<RgbImage | undefined> {
  let found: RgbImage | undefined;
  for (const file of possibleEnds(bytes) ?? []) {
    const image = await decode(file).catch(() => undefined);
    if (image === undefined) return undefined;
    if (found !== undefined && Buffer.compare(found.data, image.data) !== 0) return undefined;
    found = image;
  }
  return found;
}

function isCutOff(error: unknown): boolean {
  return error instanceof LowformerError && error.message.includes('premature end');
}

async function bitmap(bytes: Uint8Array, name: string, options: DecodeOptions): Promise<RgbImage> {
  const limit = pixelLimit(options);
  try {
    const { width, height } = bitmapSize(bytes, limit.pixels);
    await options.admit?.(width * height * 3);
    return decodeBitmap(bytes, limit.pixels);
  } catch (error) {
    if (error instanceof BitmapError) throw unreadable(name, 'an undamaged BMP picture', error.message);
    throw error;
  }
}

function oddOf(bytes: Uint8Array, name: string): OddTiff | undefined {
  try {
    return oddTiff(bytes);
  } catch (error) {
    if (error instanceof TiffError) throw unreadable(name, 'a TIFF picture of a kind that is read', error.message);
    throw error;
  }
}

/** How many pixels a picture may have. */
export interface PixelLimit {
  readonly pixels: number;
  /** Whether whoever asks has an option by which more would be taken. */
  readonly isChoice: boolean;
}

/** What an array of bytes holds in Node and its libraries: a picture that is held whole has no more. */
const MOST_HELD = Math.floor(Math.min(constants.MAX_LENGTH, 2 ** 32) / 3);

function pixelLimit({ maxPixels }: DecodeOptions): PixelLimit {
  const isChoice = maxPixels !== undefined && maxPixels < MOST_HELD;
  return { pixels: Math.min(maxPixels ?? MAX_PIXELS, MOST_HELD), isChoice };
}

/** @throws {LowformerError} `unreadable-image`: a picture with more pixels than that. */
export function tooLarge(name: string, { pixels, isChoice }: PixelLimit): LowformerError {
  const parts = { code: 'unreadable-image', where: name, expected: `at most ${pixels} pixels` } as const;
  if (!isChoice) return new LowformerError({ ...parts, hint: 'It has more.' });
  return new LowformerError({
    ...parts,
    hint: 'It has more. Where you trust the file, give a larger maxPixels.',
    commandHint: 'It has more. Where you trust the file, give a larger --max-pixels.',
  });
}

/** What libvips says, without its stack, as an error of the picture. */
export async function attempt<Result>(
  name: string,
  expected: string,
  decode: () => Promise<Result>,
  limit: PixelLimit,
): Promise<Result> {
  try {
    return await decode();
  } catch (error) {
    if (error instanceof LowformerError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (text.includes('pixel limit')) throw tooLarge(name, limit);
    if (text.includes('unsupported image format')) throw unreadable(name, READABLE, 'It is none, or damaged.');
    throw unreadable(name, expected, reasonOf(text));
  }
}

/** libvips' first line as a sentence: after `corrupt header:` it may say nothing more. */
function reasonOf(text: string): string {
  const [line = ''] = text.replace(/^Input (?:file|buffer) /, 'It ').split('\n', 1);
  const reason = line.replace(/[\s.:]+$/, '');
  const header = /^It has corrupt header(?:: *(.+))?$/.exec(reason);
  if (header !== null) return `Its header is damaged${header[1] === undefined ? '' : `: ${header[1]}`}.`;
  return `Decoding it failed: ${reason}.`;
}

export function unreadable(name: string, expected: string, hint: string): LowformerError {
  return new LowformerError({ code: 'unreadable-image', where: name, expected, hint });
}

/** One colour of RGB from one of ink and from black, both 0 for no ink. */
type InkRule = (ink: number, black: number) => number;

/** OpenCV's, for JPEG. */
const printed: InkRule = (ink, black) => 255 - black - ((ink * (255 - black)) >> 8);
/** libtiff's, for TIFF. */
const filtered: InkRule = (ink, black) => Math.floor(((255 - black) * (255 - ink)) / 255);

async function fromCmyk(picture: Sharp, rule: InkRule): Promise<RgbImage> {
  const raw = picture.pipelineColourspace('cmyk').toColourspace('cmyk').raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, at = 0; at < rgb.length; from += channels, at += 3) {
    const black = data[from + 3] ?? 0;
    for (let c = 0; c < 3; c++) rgb[at + c] = rule(data[from + c] ?? 0, black);
  }
  return { width, height, data: rgb };
}

/** 16 bits a channel to 8, rounded as libtiff does. */
async function fromWide(picture: Sharp): Promise<RgbImage> {
  const raw = picture.removeAlpha().toColourspace('rgb16').raw({ depth: 'ushort' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const wide = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  return { width: info.width, height: info.height, data: Uint8Array.from(wide, (v) => Math.floor((v + 128) / 257)) };
}

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
