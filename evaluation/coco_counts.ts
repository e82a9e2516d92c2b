/** What COCO's metric has taken in so far, as plain JSON: its boxes, since every figure ranks the detections of all pictures. */
import { LowformerError } from '../core/errors.js';
import type { MaxDetections } from './coco_parameters.js';
import { type CocoDetectionTable, type CocoObjectTable, ID_ZERO, MOST_MARKS } from './coco_tables.js';

/** Columns of one length, a row each; of one picture in the order of the files. */
interface CountedRows {
  /** Place among the counts' `imageIds`. */
  readonly pictures: readonly number[];
  /** Place among the counts' `categoryIds`. */
  readonly categories: readonly number[];
  /** Four numbers a row: x, y, width, height in pixels. */
  readonly boxes: readonly number[];
}

export interface CocoCounts {
  /** Ascending. */
  readonly categoryIds: readonly number[];
  readonly maxDetections: MaxDetections;
  readonly imageIds: readonly number[];
  readonly objects: CountedRows & {
    readonly areas: readonly number[];
    /** Bits: 1 for a crowd, 2 for the id 0. */
    readonly marks: readonly number[];
  };
  readonly detections: CountedRows & { readonly scores: readonly number[] };
}

/** What is counted alike may be merged. */
export type CocoCountSettings = Pick<CocoCounts, 'categoryIds' | 'maxDetections'>;

/** @param imageIds by the number that the tables' `pictures` have. */
export function cocoCounts(
  settings: CocoCountSettings,
  imageIds: Iterable<number>,
  objects: CocoObjectTable,
  detections: CocoDetectionTable,
): CocoCounts {
  return {
    categoryIds: [...settings.categoryIds],
    maxDetections: settings.maxDetections,
    imageIds: [...imageIds],
    objects: {
      ...rowsOf(objects),
      // JSON has no infinity. Sizes beyond every range count alike.
      areas: Array.from(objects.areas.subarray(0, objects.length), (area) => Math.min(area, Number.MAX_VALUE)),
      marks: Array.from(objects.marks.subarray(0, objects.length)),
    },
    detections: { ...rowsOf(detections), scores: Array.from(detections.scores.subarray(0, detections.length)) },
  };
}

/** The same, but with ids from 1: no object has the id 0, which pycocotools takes for none. */
export function withoutIdZero({ objects, ...rest }: CocoCounts): CocoCounts {
  return { ...rest, objects: { ...objects, marks: objects.marks.map((mark) => mark & ~ID_ZERO) } };
}

function rowsOf({ length, pictures, categories, boxes }: CocoObjectTable | CocoDetectionTable): CountedRows {
  return {
    pictures: Array.from(pictures.subarray(0, length)),
    categories: Array.from(categories.subarray(0, length)),
    boxes: Array.from(boxes.subarray(0, length * 4)),
  };
}

/**
 * Counts may come from a file.
 * @throws {LowformerError} `invalid-argument` for other settings, columns of unequal length, a row of a picture or category
 *   that is not there, numbers that are none, negative sizes.
 */
export function checkCocoCounts(counts: CocoCounts, settings: CocoCountSettings): void {
  const shown = ({ categoryIds, maxDetections }: CocoCountSettings) =>
    `categories ${categoryIds.join(' ')}, maxDetections ${maxDetections.join(' ')}`;
  if (shown(counts) !== shown(settings)) throw mistake('merge', `counts made with ${shown(settings)}`, shown(counts));
  const ids = new Set<number>();
  for (const id of counts.imageIds) {
    if (!Number.isFinite(id) || ids.has(id)) throw mistake('merge: imageIds', 'each picture once', id);
    ids.add(id);
  }
  checkRows('objects', counts.objects, counts);
  checkRows('detections', counts.detections, counts);
  const { areas, marks } = counts.objects;
  checkColumn('objects.areas', areas, counts.objects, (area) => area >= 0);
  checkColumn(
    'objects.marks',
    marks,
    counts.objects,
    (mark) => Number.isInteger(mark) && mark >= 0 && mark <= MOST_MARKS,
  );
  checkColumn('detections.scores', counts.detections.scores, counts.detections, Number.isFinite);
}

function checkRows(name: string, rows: CountedRows, { imageIds, categoryIds }: CocoCounts): void {
  const { length } = rows.pictures;
  const isPlace = (end: number) => (value: number) => Number.isInteger(value) && value >= 0 && value < end;
  checkColumn(`${name}.pictures`, rows.pictures, rows, isPlace(imageIds.length));
  checkColumn(`${name}.categories`, rows.categories, rows, isPlace(categoryIds.length));
  if (rows.boxes.length !== length * 4)
    throw mistake(`merge: ${name}.boxes`, `${length * 4} numbers`, rows.boxes.length);
  const wrong = rows.boxes.findIndex((value, i) => !Number.isFinite(value) || (i % 4 > 1 && value < 0));
  if (wrong < 0) return;
  throw mistake(`merge: ${name}.boxes[${wrong}]`, 'finite x, y, width, height, sizes of 0 or more', rows.boxes[wrong]);
}

function checkColumn(
  name: string,
  column: readonly number[],
  { pictures }: CountedRows,
  isRight: (value: number) => boolean,
): void {
  if (column.length !== pictures.length) throw mistake(`merge: ${name}`, `${pictures.length} numbers`, column.length);
  const wrong = column.findIndex((value) => !isRight(value));
  if (wrong >= 0) throw mistake(`merge: ${name}[${wrong}]`, 'a value that counts can have', column[wrong]);
}

function mistake(where: string, expected: string, received: unknown): LowformerError {
  const shown = typeof received === 'number' && !Number.isFinite(received) ? String(received) : received;
  return new LowformerError({ code: 'invalid-argument', where, expected, received: shown });
}
