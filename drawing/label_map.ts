import { LowformerError } from '../core/errors.js';
import type { SegmentationMap } from '../core/results.js';
import { writeBytes } from '../files/atomic_write.js';
import { loadSharp } from '../images/load_sharp.js';
import { byRows } from './raster.js';

/**
 * The label map as a greyscale PNG whose pixel values are the class indices themselves: 8 bits up to 256 classes,
 * 16 bits above. No palette, no scaling, no gamma.
 * @param classCount how many classes the network tells apart; when left out, 8-bit labels give 8 bits.
 * @throws {LowformerError} `invalid-argument` for a label of `classCount` or more, or for labels that do not fill
 * the map.
 */
export async function encodeLabelMap(map: SegmentationMap, classCount?: number): Promise<Buffer> {
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
  return await sharp(values, { raw: { width, height, channels: 1 } })
    .toColourspace(wide ? 'grey16' : 'b-w')
    .png({ palette: false, compressionLevel: 6 })
    .toBuffer();
}

/** Writes `encodeLabelMap`'s PNG to `path`, whole or not at all. @throws {LowformerError} `unwritable-file`. */
export async function writeLabelMap(path: string, map: SegmentationMap, classCount?: number): Promise<void> {
  await writeBytes(path, await encodeLabelMap(map, classCount));
}

function invalid(expected: string, received: number): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where: 'label map', expected, received });
}
