/**
 * TIFF as libtiff's `TIFFReadRGBAImage` and OpenCV's reader give it, decoded by libvips. Some kinds libvips takes for
 * others without a word: of grey with separate planes it makes one picture of all planes, of Y, Cb and Cr without
 * subsampling red, green and blue; and what has alpha as libtiff multiplies it, sharp divides. The directory is read
 * first, and the file handed on plane by plane or under another name.
 */
import type { Sharp } from 'sharp';
import type { RgbImage, Size } from '../core/frame.js';
import { readTiffDirectory, TAG, type Tag, type TiffDirectory, type TiffTags } from './tiff_directory.js';
import { multiplied, plain, type Samples, samplesOf, toEight, unprinted } from './tiff_samples.js';
import { ycbcrToRgb } from './tiff_ycbcr.js';

/** A message for the user: `decodeImage` puts the file's name before it. */
export class TiffError extends Error {}

/** TIFF's photometric interpretations. */
const WHITE_IS_ZERO = 0;
const BLACK_IS_ZERO = 1;
const RGB = 2;
const CMYK = 5;
const YCBCR = 6;

const JPEG = 7;

/** Of extra samples: alpha that colours are multiplied by already, and alpha that they are not. */
const ASSOCIATED = 1;
const UNASSOCIATED = 2;

interface Kind {
  readonly photometric: number | undefined;
  readonly samples: number;
  readonly bits: number;
  readonly separate: boolean;
  readonly tiled: boolean;
  readonly jpeg: boolean;
  readonly subsampled: boolean;
  readonly alpha: number | undefined;
}

/** Decodes bytes with libvips, as it is. */
export type OpenTiff = (bytes: Uint8Array) => Sharp;

/** How a file is decoded that libvips alone would take for something else. Throws what libvips throws. */
export type OddTiff = (open: OpenTiff) => Promise<RgbImage>;

/**
 * @returns undefined where libvips reads the file rightly.
 * @throws {TiffError} for kinds that are not read.
 */
export function oddTiff(bytes: Uint8Array): OddTiff | undefined {
  const directory = readTiffDirectory(bytes);
  if (directory === undefined) return undefined;
  const kind = kindOf(directory);
  if (isThumbnail(directory)) {
    throw new TiffError("Its first picture is a thumbnail, as in cameras' raw files: convert it to JPEG or PNG.");
  }
  const decode = decoderOf(directory, kind);
  // What lacks in a file is not to be read from the directory that will stand behind it.
  if (decode !== undefined) checkWhole(directory, kind);
  return decode;
}

function decoderOf(directory: TiffDirectory, kind: Kind): OddTiff | undefined {
  const { photometric, samples, bits, separate, tiled } = kind;
  switch (photometric) {
    case WHITE_IS_ZERO:
    case BLACK_IS_ZERO:
      if (separate && samples > 1 && (bits === 8 || bits === 16)) return (open) => fromPlanes(directory, kind, open);
      break;
    case RGB:
      if (separate && (bits === 8 || bits === 16)) return (open) => fromPlanes(directory, kind, open);
      if (samples > 3 && kind.alpha === UNASSOCIATED && (bits === 8 || bits === 16)) {
        const opaque = withoutAlpha(directory);
        return async (open) => multiplied(await samplesOf(open(opaque), bits));
      }
      break;
    case CMYK:
      if (separate && bits === 8) return (open) => fromPlanes(directory, kind, open);
      break;
    case YCBCR:
      if (kind.jpeg && !separate) break;
      if (kind.jpeg || bits !== 8 || samples !== 3) throw new TiffError('Its kind of Y, Cb and Cr is not read.');
      if (!kind.subsampled) return (open) => fromYcbcr(directory, kind, open);
      if (tiled || separate) {
        throw new TiffError('Its kind is not read: Y, Cb and Cr subsampled in tiles or planes, without JPEG.');
      }
      break;
    default:
      break;
  }
  if (kind.alpha !== ASSOCIATED) return undefined;
  const opaque = withoutAlpha(directory);
  return async (open) =>
    photometric === RGB && bits === 16 ? toEight(await samplesOf(open(opaque), 16)) : plain(open(opaque));
}

/**
 * Whether libvips reads a file rightly, so that parts of it can be read; and whether it lies in tiles, of which those that are
 * wanted are read alone. undefined for kinds that are read whole or not at all.
 */
export function plainTiff(tags: TiffTags): { readonly tiled: boolean } | undefined {
  const kind = kindOf(tags);
  const { photometric, samples, separate, alpha, tiled } = kind;
  const plain = photometric === WHITE_IS_ZERO || photometric === BLACK_IS_ZERO || photometric === RGB;
  const jpeg = photometric === YCBCR && kind.jpeg;
  const one = !separate || samples === 1;
  const opaque = alpha !== ASSOCIATED && alpha !== UNASSOCIATED;
  return (plain || jpeg) && one && opaque && !isThumbnail(tags) ? { tiled } : undefined;
}

function kindOf(directory: TiffTags): Kind {
  const one = (tag: Tag) => directory.values(tag)?.[0];
  // Absent means 2 by 2.
  const subsampling = directory.values(TAG.ycbcrSubsampling) ?? [2, 2];
  return {
    photometric: one(TAG.photometric),
    samples: one(TAG.samplesPerPixel) ?? 1,
    bits: one(TAG.bitsPerSample) ?? 1,
    separate: one(TAG.planarConfiguration) === 2,
    tiled: one(TAG.tileOffsets) !== undefined,
    jpeg: one(TAG.compression) === JPEG,
    subsampled: subsampling.some((every) => every !== 1),
    alpha: one(TAG.extraSamples),
  };
}

/** A reduced picture that stands before the whole one, which is in a directory below. */
function isThumbnail(directory: TiffTags): boolean {
  const type = directory.values(TAG.subfileType)?.[0] ?? 0;
  return type % 2 === 1 && directory.values(TAG.subDirectories) !== undefined;
}

function placesOf(directory: TiffDirectory, { tiled }: Kind) {
  const [offsetsTag, countsTag] = tiled
    ? [TAG.tileOffsets, TAG.tileByteCounts]
    : [TAG.stripOffsets, TAG.stripByteCounts];
  return {
    offsetsTag,
    countsTag,
    offsets: directory.values(offsetsTag) ?? [],
    counts: directory.values(countsTag) ?? [],
  };
}

/** @throws {TiffError} where strips or tiles are missing, or lie behind the file's end. */
function checkWhole(directory: TiffDirectory, kind: Kind): void {
  const { offsets, counts } = placesOf(directory, kind);
  if (offsets.length === 0 || offsets.length !== counts.length) {
    throw new TiffError(`It has ${offsets.length} ${kind.tiled ? 'tiles' : 'strips'} of ${counts.length} lengths.`);
  }
  const missing = offsets.some((offset, i) => offset + (counts[i] ?? 0) > directory.fileLength);
  if (missing) throw new TiffError('It is cut off.');
}

/** One plane of a file with separate ones, as a grey picture. @throws {TiffError} unless planes are of one length. */
function planeFile(directory: TiffDirectory, kind: Kind, plane: number): Uint8Array {
  const { samples, tiled } = kind;
  const { offsetsTag, countsTag, offsets, counts } = placesOf(directory, kind);
  const each = offsets.length / samples;
  if (!Number.isInteger(each) || each === 0) {
    throw new TiffError(`It has ${offsets.length} ${tiled ? 'tiles' : 'strips'} for ${samples} planes.`);
  }
  const own = (values: readonly number[]) => values.slice(plane * each, (plane + 1) * each);
  const first = (tag: Tag) => directory.values(tag)?.slice(0, 1);
  return directory.changed(
    new Map<Tag, readonly number[] | undefined>([
      [offsetsTag, own(offsets)],
      [countsTag, own(counts)],
      [TAG.samplesPerPixel, [1]],
      [TAG.bitsPerSample, first(TAG.bitsPerSample)],
      [TAG.sampleFormat, first(TAG.sampleFormat)],
      [TAG.photometric, [BLACK_IS_ZERO]],
      [TAG.planarConfiguration, [1]],
      [TAG.extraSamples, undefined],
      [TAG.ycbcrSubsampling, undefined],
      [TAG.referenceBlackWhite, undefined],
    ]),
  );
}

/** Extra samples that mean nothing: libvips then leaves colours as they are. */
function withoutAlpha(directory: TiffDirectory): Uint8Array {
  const extra = directory.values(TAG.extraSamples) ?? [];
  return directory.changed(new Map([[TAG.extraSamples, extra.map(() => 0)]]));
}

/** The first planes decoded as grey, and put together. */
async function planesOf(directory: TiffDirectory, kind: Kind, channels: number, open: OpenTiff): Promise<Samples> {
  let size: Size = { width: 0, height: 0 };
  let all: Uint8Array | Uint16Array = new Uint8Array();
  for (let plane = 0; plane < channels; plane++) {
    const picture = open(planeFile(directory, kind, plane));
    const wide = kind.bits === 16;
    const raw = wide ? picture.toColourspace('grey16').raw({ depth: 'ushort' }) : picture.toColourspace('b-w').raw();
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const grey = wide ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
    if (plane === 0) {
      size = { width: info.width, height: info.height };
      const length = grey.length * channels;
      all = wide ? new Uint16Array(length) : new Uint8Array(length);
    }
    for (let i = 0, at = plane; i < grey.length; i++, at += channels) all[at] = grey[i] ?? 0;
  }
  return { ...size, channels, data: all };
}

async function fromPlanes(directory: TiffDirectory, kind: Kind, open: OpenTiff): Promise<RgbImage> {
  // libtiff shows grey with further bands as its first band, and what its zero means is forgotten there.
  const colours = kind.photometric === RGB || kind.photometric === YCBCR ? 3 : kind.photometric === CMYK ? 4 : 1;
  const unassociated = kind.samples > colours && kind.alpha === UNASSOCIATED;
  const samples = await planesOf(directory, kind, unassociated ? colours + 1 : colours, open);
  if (kind.photometric === CMYK) return unprinted(samples);
  return unassociated ? multiplied(samples) : toEight(samples);
}

async function fromYcbcr(directory: TiffDirectory, kind: Kind, open: OpenTiff): Promise<RgbImage> {
  const { width, height, data } = kind.separate
    ? await planesOf(directory, kind, 3, open)
    : await samplesOf(open(directory.changed(new Map([[TAG.photometric, [RGB]]]))), 8);
  const rgb = ycbcrToRgb(data, {
    coefficients: directory.values(TAG.ycbcrCoefficients),
    reference: directory.values(TAG.referenceBlackWhite),
  });
  return { width, height, data: rgb };
}
