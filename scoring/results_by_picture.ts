import { LowformerError } from '../core/errors.js';
import type { Notes } from '../core/notes.js';
import { type CocoResult, type CocoResults, cocoResult } from '../data/coco_results.js';
import type { DetectionAnnotations, PictureId } from '../data/dataset.js';
import { SAME_ID_NOTE, samePictureId } from '../data/picture_id.js';
import { groupRows } from '../evaluation/row_order.js';
import { matchedCategories } from './matched_categories.js';

/** The detections of a picture by its position among the annotations' samples, in the order of the files. */
export type DetectionsOf = (picture: number) => readonly CocoResult[];

/** Where the entries of a results file belong; entries that do not count are not among them. */
export interface PlacedResults {
  /** Categories by the ground truth's ids. */
  readonly results: CocoResults;
  /** By entry, the position of its picture among the annotations' samples. */
  readonly pictures: Uint32Array;
  /** By entry, the position of its category among the annotations' classes. */
  readonly categories: Uint32Array;
}

/**
 * Looks up the pictures and categories of a results file. Categories are matched as `matchedCategories` says, which notes
 * what is left out; detections of pictures and classes that were left out of the ground truth by choice are passed over.
 * @throws {LowformerError} `invalid-argument`, with file, entry and value, for a picture that the annotations lack, and
 *   as `matchedCategories`.
 */
export function placeResults(annotations: DetectionAnnotations, results: CocoResults, notes: Notes): PlacedResults {
  const { length, imageIds } = results;
  const { samples, categoryIds, leftOut } = annotations;
  const categories = matchedCategories(annotations, results, notes);
  const pictureOf = new Map(samples.map(({ id }, position) => [id, position]));
  const omitted = new Set(leftOut?.pictures);
  const pictures = new Uint32Array(length);
  let omissions = 0;
  // Entries of one picture mostly stand together.
  let lastId: PictureId | undefined;
  let last: number | undefined;
  for (let entry = 0; entry < length; entry++) {
    const id = imageIds[entry];
    if (id !== lastId || entry === 0) {
      const own = id === undefined || pictureOf.has(id) ? id : (samePictureId(id, pictureOf) ?? id);
      if (own !== id) notes.add({ ...SAME_ID_NOTE, where: results.file }, `[${entry}].image_id`);
      last = own === undefined ? undefined : pictureOf.get(own);
      if (last === undefined && (id === undefined || !omitted.has(id))) {
        throw unknownPicture(annotations, results.file, entry, id);
      }
      lastId = id;
    }
    if (last === undefined) categories[entry] = -1;
    if ((categories[entry] ?? -1) < 0) omissions++;
    pictures[entry] = last ?? 0;
  }
  const placed = { results, pictures, categories: new Uint32Array(categories.buffer) };
  const kept = omissions === 0 ? placed : keptOnly(placed, length - omissions);
  const ids = Int32Array.from(categoryIds);
  return { ...kept, results: { ...kept.results, categoryIds: withIds(kept, ids) } };
}

/** By entry, the ground truth's id of its category: the column of the file where it says the same. */
function withIds({ results, categories }: PlacedResults, ids: Int32Array): Int32Array {
  const own = results.categoryIds;
  let same = 0;
  while (same < own.length && own[same] === ids[categories[same] ?? 0]) same++;
  return same === own.length ? own : Int32Array.from(categories, (category) => ids[category] ?? 0);
}

/** Without the entries whose category is -1. */
function keptOnly({ results, pictures, categories }: PlacedResults, count: number): PlacedResults {
  const rows = new Uint32Array(count);
  let at = 0;
  for (let entry = 0; entry < categories.length; entry++) if (((categories[entry] ?? 0) | 0) >= 0) rows[at++] = entry;
  return {
    results: someOf(results, rows),
    pictures: rows.map((row) => pictures[row] ?? 0),
    categories: rows.map((row) => categories[row] ?? 0),
  };
}

/** Only these entries. */
function someOf(results: CocoResults, rows: Uint32Array): CocoResults {
  const { imageIds, categoryIds, boxes, scores } = results;
  const some = new Float64Array(rows.length * 4);
  rows.forEach((row, i) => {
    some.set(boxes.subarray(row * 4, row * 4 + 4), i * 4);
  });
  return {
    file: results.file,
    length: rows.length,
    imageIds: Array.from(rows, (row) => imageIds[row] ?? 0),
    categoryIds: Int32Array.from(rows, (row) => categoryIds[row] ?? 0),
    boxes: some,
    scores: Float64Array.from(rows, (row) => scores[row] ?? 0),
  };
}

function unknownPicture({ name, samples }: DetectionAnnotations, file: string, entry: number, received: unknown) {
  const some = samples.slice(0, 3).map(({ id }) => (typeof id === 'string' ? JSON.stringify(id) : String(id)));
  const expected = `the id of one of the ${samples.length} pictures of ${name} (${some.join(', ')}, …)`;
  const where = `${file}: [${entry}].image_id`;
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}

/** Sorts results files by picture; records are made picture by picture, never all at once. */
export function resultsByPicture(
  { samples }: Pick<DetectionAnnotations, 'samples'>,
  files: readonly PlacedResults[],
): DetectionsOf {
  const sorted = files.map(({ results, pictures }) => ({
    results,
    ...groupRows(pictures, results.length, samples.length),
  }));
  return (picture) =>
    sorted.flatMap(({ results, rows, starts }) =>
      Array.from(rows.subarray(starts[picture] ?? 0, starts[picture + 1] ?? 0), (entry) => cocoResult(results, entry)),
    );
}
