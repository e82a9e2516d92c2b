import { LowformerError } from '../core/errors.js';
import type { LabelMap } from '../core/frame.js';
import { decodeImage } from '../images/decode.js';
import { loadSharp } from '../images/load_sharp.js';
import { MAX_PIXELS } from '../images/pixels.js';
import { COLOUR_TYPE, isPng, pngChunks, pngFile, pngHeader, withColourType } from '../images/png_chunks.js';
import { type ColorMap, colorKey } from './color_map.js';
import type { SegmentationDataset, SegmentationSample } from './dataset.js';
import { readBytes } from './files.js';
import { labelsOfSegments, readSegmentIds } from './segment_ids.js';

export type { LabelMap } from '../core/frame.js';

const EXPECTED = 'a label PNG: grey or palette, pixel = class index';
/** By PNG's colour type. */
const COLOURED: Readonly<Record<number, string>> = { 2: 'colours (RGB)', 4: 'grey with alpha', 6: 'colours (RGBA)' };

/**
 * The numbers in a label PNG, as stored: of a palette PNG the index, not its colour; of a grey one the sample, 1 to 16
 * bits. As Pillow reads them, but for grey of 2 and 4 bits, which Pillow stretches to 0…255 and this does not.
 * Decoded on libuv's threads.
 * @throws {LowformerError} `unreadable-file`, `unreadable-image`: missing, no PNG, coloured, cut off, damaged.
 */
export async function readLabelMap(path: string): Promise<LabelMap> {
  const { png, depth } = asGrey(await readBytes(path, EXPECTED), path);
  const wide = depth === 16;
  const sharp = await loadSharp();
  try {
    const picture = sharp(png, { failOn: 'error', ignoreIcc: true, limitInputPixels: MAX_PIXELS });
    const raw = picture.toColourspace(wide ? 'grey16' : 'b-w').raw({ depth: wide ? 'ushort' : 'uchar' });
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    if (wide) return { width, height, labels: new Uint16Array(data.buffer, data.byteOffset, width * height) };
    const labels = new Uint8Array(data.buffer, data.byteOffset, width * height);
    // libvips stretches grey below 8 bits to 0…255.
    const step = 255 / (2 ** depth - 1);
    if (step !== 1) for (let i = 0; i < labels.length; i++) labels[i] = (labels[i] ?? 0) / step;
    return { width, height, labels };
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw unreadable(path, 'an undamaged label PNG', `Decoding it failed: ${line}.`);
  }
}

/**
 * The same PNG with its palette left out and its indices marked as grey: pixels of both kinds are stored alike, and
 * decoders turn palettes into colours, from which an index cannot be told (two entries may share one colour).
 */
function asGrey(bytes: Uint8Array, path: string): { readonly png: Buffer; readonly depth: number } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length === 0) throw unreadable(path, EXPECTED, 'It is empty (0 bytes).');
  if (!isPng(file)) throw unreadable(path, EXPECTED, 'It is no PNG.');
  const chunks = pngChunks(file);
  if (chunks === undefined) throw unreadable(path, 'an undamaged label PNG', 'It is cut off.');
  let depth = 0;
  const kept = chunks.flatMap((chunk) => {
    const header = pngHeader(chunk);
    if (header === undefined) return chunk.type === 'IDAT' || chunk.type === 'IEND' ? [chunk] : [];
    const coloured = COLOURED[header.colourType];
    if (coloured !== undefined) throw unreadable(path, EXPECTED, COLOUR_HINT, coloured);
    depth = header.depth;
    return [withColourType(chunk, COLOUR_TYPE.grey)];
  });
  return { png: pngFile(kept), depth };
}

const COLOUR_HINT = 'It shows classes by colour: say with a colour map (--colors) which colour is which class.';

function unreadable(where: string, expected: string, hint: string, received?: string): LowformerError {
  const parts = { code: 'unreadable-image', where, expected, hint } as const;
  return new LowformerError(received === undefined ? parts : { ...parts, received });
}

/** What a file's numbers or colours stand for. */
export interface LabelNumbers {
  /** Coloured and palette PNGs are read by their colours. */
  readonly colors?: ColorMap | undefined;
  /** From the file's numbers (or the colours' labels) to labels. */
  readonly labelMap?: ReadonlyMap<number, number> | undefined;
  /** Numbers that `labelMap` lacks stay as they are; else they are an error. */
  readonly keepsOthers?: boolean | undefined;
}

/**
 * A label PNG with its numbers or colours translated.
 * @throws {LowformerError} as `readLabelMap`; `invalid-argument`, with file, pixel and value, for a colour or a number that
 *   means nothing.
 */
export async function readLabels(
  path: string,
  { colors, labelMap, keepsOthers = false }: LabelNumbers,
): Promise<LabelMap> {
  const map = colors === undefined ? await readLabelMap(path) : await readColors(path, colors);
  return labelMap === undefined ? map : mapLabels(map, labelMap, path, keepsOthers);
}

/**
 * A sample's labels, with the dataset's colours and `labelMap`, or the sample's `segments`, applied; `reduceZeroLabel` is left to whoever
 * scores.
 * @throws {LowformerError} as `readLabels`, and as `labelsOfSegments`.
 */
export async function readSampleLabels(
  dataset: LabelNumbers & Pick<Partial<SegmentationDataset>, 'ignoreIndex'>,
  { labelFile, segments }: Pick<SegmentationSample, 'labelFile' | 'segments'>,
): Promise<LabelMap> {
  if (segments === undefined) return readLabels(labelFile, dataset);
  return labelsOfSegments(await readSegmentIds(labelFile), segments, dataset.ignoreIndex ?? 255, labelFile);
}

/** Grey PNGs hold numbers; of others the colour counts, not the place in a palette. */
async function readColors(path: string, { names, labelOf }: ColorMap): Promise<LabelMap> {
  const bytes = await readBytes(path, 'a label PNG that shows classes by colour');
  const colourType = bytes[25];
  if (colourType === 0) return readLabelMap(path);
  const { data, width, height } = await decodeImage(bytes, { name: path });
  const labels = new Uint8Array(width * height);
  const wide = names.length > 256 ? new Uint16Array(width * height) : labels;
  for (let i = 0; i < wide.length; i++) {
    const color = [data[3 * i] ?? 0, data[3 * i + 1] ?? 0, data[3 * i + 2] ?? 0] as const;
    const label = labelOf.get(colorKey(...color));
    if (label === undefined) {
      const where = `${path}: pixel (${i % width}, ${Math.floor(i / width)})`;
      const expected = `one of the ${names.length} colours of the classes`;
      throw new LowformerError({ code: 'invalid-argument', where, expected, received: color.join(',') });
    }
    wide[i] = label;
  }
  return { width, height, labels: wide };
}

/**
 * `map` with every number replaced by what `table` has for it. `name` is what errors call the file.
 * @param keepsOthers numbers that the table lacks stay; else they are an error.
 */
export function mapLabels(
  map: LabelMap,
  table: ReadonlyMap<number, number>,
  name: string,
  keepsOthers = false,
): LabelMap {
  const { width, height, labels } = map;
  const lookup = new Int32Array(65536).fill(-1);
  if (keepsOthers) for (let value = 0; value < lookup.length; value++) lookup[value] = value;
  for (const [from, to] of table) lookup[from] = to;
  const large = [...table.values()].some((to) => to > 255) || (keepsOthers && labels instanceof Uint16Array);
  const mapped = large ? new Uint16Array(labels.length) : new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const to = lookup[labels[i] ?? 0] ?? -1;
    if (to < 0) {
      const where = `${name}: pixel (${i % width}, ${Math.floor(i / width)})`;
      const known = [...table.keys()].sort((a, b) => a - b).join(', ');
      throw new LowformerError({ code: 'invalid-argument', where, expected: `one of ${known}`, received: labels[i] });
    }
    mapped[i] = to;
  }
  return { width, height, labels: mapped };
}
