/** The two parts of a data set as files that mmdet and mmseg read too. */
import { dirname, join, relative, resolve } from 'node:path';
import type { Size } from '../../core/frame.js';
import type { DetectionDataset, DetectionSample, SegmentationDataset } from '../../data/dataset.js';
import { makeFolder, writeBytes } from '../../files/atomic_write.js';

/** Positions of pictures by the name of their part, which is the file's. */
export type NamedParts = Readonly<Record<string, readonly number[]>>;

/** Where a part was written, absolute. */
export type WrittenParts = Readonly<Record<string, string>>;

/**
 * COCO's JSON for each part: pictures named from `images` on, ids counted anew, classes in the order of `classes`.
 * @param sizes of the pictures, in the order of the data set.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function writeCocoParts(
  folder: string,
  dataset: DetectionDataset,
  { images, classes, sizes }: { images: string; classes: readonly string[]; sizes: readonly Size[] },
  parts: NamedParts,
): Promise<WrittenParts> {
  const categories = classes.map((name) => ({ id: Number(dataset.categoryIds[positionOf(dataset, name)]), name }));
  const known = new Set(categories.map(({ id }) => id));
  return writeParts(folder, '.json', parts, (positions) => {
    const pictures = positions.flatMap((i) => {
      const [sample, size] = [dataset.samples[i], sizes[i]];
      return sample === undefined || size === undefined ? [] : [{ sample, size }];
    });
    const list = pictures.map(({ sample: { file }, size: { width, height } }, i) => {
      return { id: i + 1, file_name: slashed(relative(resolve(images), file)), width, height };
    });
    const annotations = pictures
      .flatMap(({ sample }, i) => cocoObjects(sample, i + 1))
      .filter(({ category_id }) => known.has(category_id))
      .map((object, i) => ({ id: i + 1, ...object }));
    return `{"images": ${lines(list)},\n"annotations": ${lines(annotations)},\n"categories": ${lines(categories)}}\n`;
  });
}

function cocoObjects({ objects }: DetectionSample, image: number) {
  return objects.map(({ categoryId, box, area, crowd, difficult }) => ({
    image_id: image,
    category_id: Number(categoryId),
    bbox: box,
    area,
    iscrowd: crowd ? 1 : 0,
    // mmdet leaves such objects out; here they are neither objects nor background.
    ...(difficult ? { ignore: 1 } : {}),
  }));
}

/**
 * mmseg's lists: a name a line, without suffix.
 * @throws {LowformerError} `unwritable-file`.
 */
export function writeListParts(
  folder: string,
  { samples }: SegmentationDataset,
  parts: NamedParts,
): Promise<WrittenParts> {
  return writeParts(folder, '.txt', parts, (positions) => positions.map((i) => `${samples[i]?.id ?? ''}\n`).join(''));
}

async function writeParts(
  folder: string,
  ending: string,
  parts: NamedParts,
  text: (positions: readonly number[]) => string,
): Promise<WrittenParts> {
  const written: Record<string, string> = {};
  for (const [name, positions] of Object.entries(parts)) {
    const path = resolve(join(folder, `${name}${ending}`));
    await makeFolder(dirname(path));
    await writeBytes(path, new TextEncoder().encode(text(positions)));
    written[name] = path;
  }
  return written;
}

function positionOf({ classes }: DetectionDataset, name: string): number {
  return classes.findIndex((own) => own.trim() === name);
}

function lines(entries: readonly object[]): string {
  return `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`;
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
