import { LowformerError } from '../core/errors.js';
import type { LabelMap } from '../core/frame.js';
import type { SegmentationMap } from '../core/results.js';
import { writeBytes } from '../files/atomic_write.js';
import { loadSharp } from '../images/load_sharp.js';
import { COLOUR_TYPE, pngChunk, pngChunks, pngFile, withColourType } from '../images/png_chunks.js';
import { classPalette, type GivenPalette, type Rgb } from './palette.js';
import { byRows } from './raster.js';

export interface LabelMapOptions {
  /** How many classes the network tells apart; when left out, 8-bit labels give 8 bits. */
  readonly classCount?: number;
  /** The config's `metainfo.palette`; classes that it does not list have colours of ours. */
  readonly palette?: GivenPalette | undefined;
}

/**
 * The label map as a PNG whose pixel values are the class indices themselves, with no scaling and no gamma. Up to 256
 * classes: 8 bits, with a palette, so that a viewer shows each class in its colour. Above: 16 bits, grey, since palettes
 * end at 256.
 * @param options with `grey`, 8 bits have no palette either.
 * @throws {LowformerError} `invalid-argument` for a label of `classCount` or more, or for labels that do not fill
 * the map.
 */
export async function encodeLabelMap(
  map: LabelMap | SegmentationMap,
  { classCount, palette, grey: unpainted = false }: LabelMapOptions & { readonly grey?: boolean } = {},
): Promise<Buffer> {
  const { width, height, labels } = map;
  if (labels.length !== width * height) throw invalid(`${width * height} labels`, labels.length);
  const count = classCount ?? (labels instanceof Uint8Array ? 256 : 65536);
  await byRows(map, (first, end) => {
    for (let i = first * width; i < end * width; i++) {
      const label = labels[i] ?? 0;
      if (label >= count) throw invalid(`labels below ${count}`, label);
    }
  });
  const wide = count > 256;
  const values = wide ? new Uint16Array(labels) : new Uint8Array(labels);
  const sharp = await loadSharp();
  const grey = await sharp(values, { raw: { width, height, channels: 1 } })
    .toColourspace(wide ? 'grey16' : 'b-w')
    .png({ palette: false, compressionLevel: 6 })
    .toBuffer();
  return wide || unpainted ? grey : withPalette(grey, classPalette(count, palette));
}

/** The same samples, called entries of a palette. libvips would make a palette of its own, and number it anew. */
function withPalette(grey: Buffer, palette: readonly Rgb[]): Buffer {
  const chunks = pngChunks(grey) ?? [];
  return pngFile(
    chunks.flatMap((chunk) =>
      chunk.type === 'IHDR'
        ? [withColourType(chunk, COLOUR_TYPE.palette), pngChunk('PLTE', Uint8Array.from(palette.flat()))]
        : chunk.type === 'IDAT' || chunk.type === 'IEND'
          ? [chunk]
          : [],
    ),
  );
}

/** Writes `encodeLabelMap`'s PNG to `path`, whole or not at all. @throws {LowformerError} `unwritable-file`. */
export async function writeLabelMap(path: string, map: LabelMap, options: LabelMapOptions = {}): Promise<void> {
  await writeBytes(path, await encodeLabelMap(map, options));
}

function invalid(expected: string, received: number): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'label map', expected, received });
}
