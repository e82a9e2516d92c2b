import { createHash } from 'node:crypto';
import { LowformerError } from '../core/errors.js';
import type { ClassificationDataset, DetectionAnnotations, SegmentationDataset } from '../data/dataset.js';
import { exactJson } from '../files/exact_json.js';
import { openRegularFile } from '../files/regular_file.js';
import { readingReason } from '../files/system_error.js';

/** SHA-256 of values as JSON, as 16 hexadecimal digits: enough to tell runs and datasets apart. */
export function fingerprint(values: Iterable<unknown>): string {
  const hash = createHash('sha256');
  for (const value of values) hash.update(`${exactJson(value) ?? ''}\n`);
  return hash.digest('hex').slice(0, 16);
}

/** SHA-256 of a file's bytes, likewise. @throws {LowformerError} `unreadable-file`. */
export async function fileFingerprint(path: string): Promise<string> {
  const hash = createHash('sha256');
  const expected = 'a file that can be read';
  // Closed by hand: a handle of Yarn's Plug'n'Play is not disposable.
  const file = await openRegularFile(path, { expected });
  try {
    for await (const piece of file.createReadStream({ autoClose: false })) hash.update(piece);
  } catch (cause) {
    throw new LowformerError({ code: 'unreadable-file', where: path, expected, hint: readingReason(cause), cause });
  } finally {
    await file.close();
  }
  return hash.digest('hex').slice(0, 16);
}

/** Of what is scored, whatever its file format: pictures, objects, classes, in their order. */
export function detectionFingerprint({ classes, categoryIds, countedIds, samples }: DetectionAnnotations): string {
  const names = new Map(categoryIds.map((id, i) => [id, classes[i]]));
  function* parts() {
    // Who counts classes may count them otherwise: then names alone tell what an object is.
    yield countedIds === true ? classes.toSorted() : [classes, categoryIds];
    for (const { id, objects } of samples) {
      yield [
        id,
        countedIds === true
          ? objects.map((object) => ({ ...object, categoryId: names.get(object.categoryId) }))
          : objects,
      ];
    }
  }
  return fingerprint(parts());
}

/** Of the pictures and of how labels are read; not of the pixels. */
export function segmentationFingerprint(dataset: SegmentationDataset): string {
  const { samples, reduceZeroLabel, ignoreIndex, labelMap, colors } = dataset;
  const numbers = [[...(labelMap ?? [])], [...(colors?.labelOf ?? [])]];
  const segments = samples.flatMap((sample) => (sample.segments === undefined ? [] : [[...sample.segments]]));
  const own = segments.length === 0 ? [] : [segments];
  return fingerprint([samples.map(({ id }) => id), reduceZeroLabel, ignoreIndex, ...numbers, ...own]);
}

/** Of the pictures' names and classes. @param names each picture's path in its folder. */
export function classificationFingerprint(
  { classes, samples }: ClassificationDataset,
  names: readonly string[],
): string {
  return fingerprint([classes, names, samples.map(({ classIndex }) => classIndex)]);
}
