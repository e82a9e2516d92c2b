/** Label maps whose numbers or colours stand for others, written as mmseg reads them: pixel = class index. */
import { dirname, join } from 'node:path';
import type { SegmentationDataset } from '../../data/dataset.js';
import { mapFew } from '../../data/files.js';
import { readSampleLabels } from '../../data/label_map.js';
import { BLACK, classPalette } from '../../drawing/palette.js';
import { makeFolder, writeBytes } from '../../files/atomic_write.js';
import { encodePng } from '../../images/encode_png.js';

/** Whether the files say themselves which class a pixel has. */
export function isIndexed({ colors, labelMap, samples }: SegmentationDataset): boolean {
  return colors === undefined && labelMap === undefined && samples.every(({ segments }) => segments === undefined);
}

/**
 * Writes `FOLDER/ID.png` for every picture, with a palette for the eye.
 * @throws {LowformerError} `unwritable-file`; as `readSampleLabels`.
 */
export async function writeIndexLabels(
  folder: string,
  dataset: SegmentationDataset,
  classCount: number,
): Promise<void> {
  const palette = [...classPalette(classCount), ...new Array<typeof BLACK>(256 - classCount).fill(BLACK)];
  await mapFew(dataset.samples, async (sample) => {
    const { width, height, labels } = await readSampleLabels(dataset, sample);
    const path = join(folder, `${sample.id}.png`);
    await makeFolder(dirname(path));
    await writeBytes(path, await encodePng({ width, height, data: Uint8Array.from(labels), palette }));
  });
}
