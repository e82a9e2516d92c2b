/**
 * Parsed JSON held to COCO's format by hand, in one pass and without a copy: a results file may have a million entries.
 * Every mistake names file, entry and value. Nothing is dropped or mended.
 */
import { LowformerError } from '../core/errors.js';
import type { CocoAnnotation, CocoCategory, CocoDetection, CocoGroundTruth, CocoImage } from './coco_records.js';

type Entry = Readonly<Record<string, unknown>>;

export interface GroundTruthOptions {
  /**
   * What an annotation without `area` means: a mistake (the default: COCO's size ranges go by it), or that nobody will
   * ask for it, and the area of the box is filled in.
   */
  readonly missingArea?: 'error' | 'box';
}

/**
 * @param value the parsed file: `{images, categories, annotations}`, other keys are left alone.
 * @param file what messages open with.
 * @throws {LowformerError} on another structure, an id that is no whole number or stands twice, an annotation of a
 *   picture or category that is not listed, a box or area that is not finite or has a negative size.
 */
export function checkGroundTruth(
  value: unknown,
  file: string,
  { missingArea = 'error' }: GroundTruthOptions = {},
): CocoGroundTruth {
  if (!isEntry(value)) throw mistake(file, "COCO's object detection format", shape(value), FORMAT);
  const images = list(value, 'images', file);
  const categories = list(value, 'categories', file);
  const annotations = list(value, 'annotations', file);

  const imageIds = new Map<number, number>();
  images.forEach((entry, i) => {
    checkImage(entry, `${file}: images[${i}]`, imageIds, i);
  });
  const categoryIds = new Map<number, number>();
  categories.forEach((entry, i) => {
    checkCategory(entry, `${file}: categories[${i}]`, categoryIds, i);
  });
  const annotationIds = new Map<number, number>();
  const filled = annotations.map((entry, i) => {
    const complete = missingArea === 'box' && isEntry(entry) && entry.area === undefined ? withArea(entry) : entry;
    if (!isAnnotation(complete, imageIds, categoryIds) || annotationIds.has(complete.id)) {
      throw annotationMistake(complete, `${file}: annotations[${i}]`, imageIds, categoryIds, annotationIds);
    }
    annotationIds.set(complete.id, i);
    return complete;
  });
  return { images: images.filter(isImage), categories: categories.filter(isCategory), annotations: filled };
}

/**
 * @param value the parsed results file: a list of `{image_id, category_id, bbox: [x, y, width, height], score}`.
 * @param file what messages open with.
 * @throws {LowformerError} on another structure, a picture or category that the ground truth lacks, a score or a box
 *   that is not finite, a negative size.
 */
export function checkDetections(
  value: unknown,
  file: string,
  { images, categories }: Pick<CocoGroundTruth, 'images' | 'categories'>,
): readonly CocoDetection[] {
  if (!Array.isArray(value)) {
    const hint = isEntry(value) && 'annotations' in value ? 'This looks like a ground truth file.' : undefined;
    throw mistake(file, "a list of detections in COCO's results format", shape(value), hint);
  }
  const imageIds = new Map(images.map(({ id }, i) => [id, i]));
  const categoryIds = new Map(categories.map(({ id }, i) => [id, i]));
  const entries: readonly unknown[] = value;
  const isKnown = (entry: unknown) => isDetection(entry, imageIds, categoryIds);
  if (!entries.every((entry): entry is CocoDetection => isKnown(entry))) {
    const wrong = entries.findIndex((entry) => !isKnown(entry));
    throw detectionMistake(entries[wrong], `${file}: [${wrong}]`, imageIds, categoryIds);
  }
  return entries;
}

/** Ids and the entry where each stands. */
type Ids = ReadonlyMap<number, number>;

function isDetection(entry: unknown, images: Ids, categories: Ids): entry is CocoDetection {
  return (
    isEntry(entry) &&
    typeof entry.image_id === 'number' &&
    images.has(entry.image_id) &&
    typeof entry.category_id === 'number' &&
    categories.has(entry.category_id) &&
    isBox(entry.bbox) &&
    Number.isFinite(entry.score)
  );
}

function isAnnotation(entry: unknown, images: Ids, categories: Ids): entry is CocoAnnotation {
  return (
    isEntry(entry) &&
    Number.isSafeInteger(entry.id) &&
    typeof entry.image_id === 'number' &&
    images.has(entry.image_id) &&
    typeof entry.category_id === 'number' &&
    categories.has(entry.category_id) &&
    isBox(entry.bbox) &&
    isSize(entry.area) &&
    isCrowdFlag(entry.iscrowd)
  );
}

function isImage(entry: unknown): entry is CocoImage {
  return isEntry(entry) && Number.isSafeInteger(entry.id);
}

function isCategory(entry: unknown): entry is CocoCategory {
  return isEntry(entry) && Number.isSafeInteger(entry.id) && typeof entry.name === 'string';
}

function isBox(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 4) return false;
  return Number.isFinite(value[0]) && Number.isFinite(value[1]) && isSize(value[2]) && isSize(value[3]);
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isCrowdFlag(value: unknown): boolean {
  return value === undefined || value === 0 || value === 1 || typeof value === 'boolean';
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withArea(entry: Entry): Entry {
  const { bbox } = entry;
  return isBox(bbox) && Array.isArray(bbox) ? { ...entry, area: bbox[2] * bbox[3] } : entry;
}

function checkImage(entry: unknown, where: string, ids: Map<number, number>, position: number): void {
  checkObject(entry, where);
  checkId(entry, where, ids);
  for (const key of ['width', 'height']) {
    const extent = entry[key];
    if (extent !== undefined && !(Number.isSafeInteger(extent) && isSize(extent) && extent !== 0)) {
      throw wrong(where, key, 'a whole number from 1', extent);
    }
  }
  if (entry.file_name !== undefined && typeof entry.file_name !== 'string') {
    throw wrong(where, 'file_name', 'a text', entry.file_name);
  }
  ids.set(Number(entry.id), position);
}

function checkCategory(entry: unknown, where: string, ids: Map<number, number>, position: number): void {
  checkObject(entry, where);
  checkId(entry, where, ids);
  if (typeof entry.name !== 'string') throw wrong(where, 'name', 'a text', entry.name);
  ids.set(Number(entry.id), position);
}

/** The first thing that is wrong with an annotation that did not pass. */
function annotationMistake(entry: unknown, where: string, images: Ids, categories: Ids, ids: Ids): LowformerError {
  checkObject(entry, where);
  checkId(entry, where, ids);
  checkReferences(entry, where, images, categories);
  checkBox(entry, where);
  if (!isSize(entry.area)) {
    const hint = entry.area === undefined ? 'Sizes small, medium and large go by it.' : undefined;
    return wrong(where, 'area', 'a number of 0 or more', entry.area, hint);
  }
  return wrong(where, 'iscrowd', '0 or 1', entry.iscrowd);
}

/** Likewise for a detection. */
function detectionMistake(entry: unknown, where: string, images: Ids, categories: Ids): LowformerError {
  checkObject(entry, where);
  checkReferences(entry, where, images, categories);
  checkBox(entry, where);
  return wrong(where, 'score', 'a finite number', entry.score);
}

function checkObject(entry: unknown, where: string): asserts entry is Entry {
  if (!isEntry(entry)) throw mistake(where, 'an object', shape(entry));
}

function checkId(entry: Entry, where: string, ids: Ids): void {
  if (typeof entry.id !== 'number' || !Number.isSafeInteger(entry.id)) {
    throw wrong(where, 'id', 'a whole number', entry.id);
  }
  const before = ids.get(entry.id);
  if (before !== undefined) throw wrong(where, 'id', 'each id once', entry.id, `Entry ${before} has the same.`);
}

function checkReferences(entry: Entry, where: string, images: Ids, categories: Ids): void {
  for (const [key, known, kind] of [
    ['image_id', images, 'picture'],
    ['category_id', categories, 'category'],
  ] as const) {
    const id = entry[key];
    if (typeof id === 'number' && known.has(id)) continue;
    throw wrong(where, key, `the id of a ${kind} in the ground truth`, id, `It has ${listed(known)}.`);
  }
}

function checkBox({ bbox }: Entry, where: string): void {
  if (!Array.isArray(bbox) || bbox.length !== 4) throw wrong(where, 'bbox', '[x, y, width, height]', bbox);
  bbox.forEach((value: unknown, i) => {
    if (!Number.isFinite(value)) throw wrong(where, `bbox[${i}]`, 'a finite number', value);
    if (i > 1 && !isSize(value))
      throw wrong(where, `bbox[${i}]`, `a ${i === 2 ? 'width' : 'height'} of 0 or more`, value);
  });
}

const FORMAT = 'A file of annotations is {"images": […], "categories": […], "annotations": […]}.';

function list(value: Entry, key: string, file: string): readonly unknown[] {
  const entries = value[key];
  if (!Array.isArray(entries)) throw wrong(file, key, 'a list', shape(entries), FORMAT);
  return entries;
}

/** At most ten ids, in the order of the file. */
function listed(ids: Ids): string {
  const some = [...ids.keys()].slice(0, 10).join(', ');
  return ids.size === 0 ? 'none' : ids.size <= 10 ? some : `${some}, … (${ids.size})`;
}

/** What stands where another structure was expected, without printing all of it. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isEntry(value) ? `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no keys'}` : value;
}

function wrong(where: string, key: string, expected: string, received: unknown, hint?: string): LowformerError {
  const path = where.endsWith(']') ? `${where}.${key}` : `${where}: ${key}`;
  return mistake(path, expected, received, received === undefined ? (hint ?? 'The key is missing.') : hint);
}

function mistake(where: string, expected: string, received: unknown, hint?: string): LowformerError {
  // JSON has no word for these, and would show them as null.
  const shown = typeof received === 'number' && !Number.isFinite(received) ? String(received) : received;
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected,
    received: shown,
    ...(hint === undefined ? {} : { hint }),
  });
}
