/** PNGs of COCO's panoptic format: a pixel's colour is the id of its segment, red + 256 green + 65536 blue; 0 is no segment. */
import { LowformerError } from '../core/errors.js';
import type { LabelMap, Size } from '../core/frame.js';
import { loadSharp } from '../images/load_sharp.js';
import { MAX_PIXELS } from '../images/pixels.js';
import { COLOUR_TYPE, isPng, pngChunks, pngFile, pngHeader } from '../images/png_chunks.js';
import { handful, readBytes } from './files.js';

const EXPECTED = 'a PNG of segments: 8 bits of red, green and blue, which are an id';
/** Red, green, blue and alpha, which says nothing. */
const RGBA = 6;

/** Row-major. */
export interface SegmentIds extends Size {
  readonly ids: Uint32Array;
}

/**
 * The ids as they are stored, whatever colour profile or gamma the file names.
 * @throws {LowformerError} `unreadable-file`, `unreadable-image`: missing, no PNG, grey or a palette, 16 bits, cut off, damaged.
 */
export async function readSegmentIds(path: string): Promise<SegmentIds> {
  const file = Buffer.from(await readBytes(path, EXPECTED));
  if (!isPng(file)) throw unreadable(path, EXPECTED, 'It is no PNG.');
  const chunks = pngChunks(file);
  if (chunks === undefined) throw unreadable(path, 'an undamaged PNG of segments', 'It is cut off.');
  const header = chunks.map(pngHeader).find((one) => one !== undefined);
  const coloured = header?.colourType === COLOUR_TYPE.rgb || header?.colourType === RGBA;
  if (header?.depth !== 8 || !coloured) {
    const kind = coloured ? `colours of ${header?.depth} bits` : 'grey or a palette';
    throw unreadable(path, EXPECTED, `It has ${kind}: label maps are read with --format folder.`);
  }
  const bare = pngFile(chunks.filter(({ type }) => ['IHDR', 'IDAT', 'IEND'].includes(type)));
  const sharp = await loadSharp();
  try {
    const picture = sharp(bare, { failOn: 'error', ignoreIcc: true, limitInputPixels: MAX_PIXELS });
    const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const ids = new Uint32Array(width * height);
    for (let i = 0, at = 0; i < ids.length; i++, at += 3) {
      ids[i] = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16);
    }
    return { width, height, ids };
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw unreadable(path, 'an undamaged PNG of segments', `Decoding it failed: ${line}.`);
  }
}

/**
 * A label for each pixel.
 * @param segments from ids to labels.
 * @param ignored the label of pixels without segment.
 * @param where the PNG's name.
 * @throws {LowformerError} `invalid-argument` for an id that `segments` lacks, with its first pixel, and for segments that no pixel has:
 *   what panopticapi's evaluation refuses.
 */
export function labelsOfSegments(
  { width, height, ids }: SegmentIds,
  segments: ReadonlyMap<number, number>,
  ignored: number,
  where: string,
): LabelMap {
  const wide = ignored > 255 || [...segments.values()].some((label) => label > 255);
  const labels = wide ? new Uint16Array(ids.length) : new Uint8Array(ids.length);
  const unseen = new Set(segments.keys());
  // Neighbours are of one segment, mostly.
  let last = 0;
  let label = ignored;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    if (id !== last) {
      const own = id === 0 ? ignored : segments.get(id);
      if (own === undefined) {
        const place = `${where}: pixel (${i % width}, ${Math.floor(i / width)})`;
        const expected = `the id of one of the ${segments.size} segments in segments_info, or 0`;
        throw new LowformerError({ code: 'invalid-argument', where: place, expected, received: id });
      }
      unseen.delete(id);
      last = id;
      label = own;
    }
    labels[i] = label;
  }
  if (unseen.size === 0) return { width, height, labels };
  const hint = `${unseen.size} of ${segments.size} have none: ${handful([...unseen].map(String))}.`;
  const expected = 'pixels of every segment in segments_info';
  throw new LowformerError({ code: 'invalid-argument', where, expected, hint });
}

function unreadable(where: string, expected: string, hint: string): LowformerError {
  return new LowformerError({ code: 'unreadable-image', where, expected, hint });
}
