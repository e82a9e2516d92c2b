import { LowformerError } from '../../core/errors.js';
import { type CocoResult, type CocoResults, cocoResult } from '../../data/coco_results.js';
import type { DetectionAnnotations } from '../../data/dataset.js';
import { groupRows } from '../../evaluation/row_order.js';

/** The detections of a picture by its position among the annotations' samples, in the order of the files. */
export type DetectionsOf = (picture: number) => readonly CocoResult[];

/** Where the entries of a results file belong. */
export interface PlacedResults {
  readonly results: CocoResults;
  /** By entry, the position of its picture among the annotations' samples. */
  readonly pictures: Uint32Array;
  /** By entry, the position of its category among the annotations' classes. */
  readonly categories: Uint32Array;
}

/**
 * Looks up the pictures and categories of a results file.
 * @throws {LowformerError} `invalid-argument`, with file, entry and value, for a picture or category that the
 *   annotations lack.
 */
export function placeResults(annotations: DetectionAnnotations, results: CocoResults): PlacedResults {
  const { length, imageIds, categoryIds } = results;
  const pictureOf = new Map(annotations.samples.map(({ id }, position) => [id, position]));
  const categoryOf = new Map<number, number>(annotations.categoryIds.map((id, position) => [id, position]));
  const pictures = new Uint32Array(length);
  const categories = new Uint32Array(length);
  // Entries of one picture mostly stand together.
  let lastId: number | string | undefined;
  let last: number | undefined;
  for (let entry = 0; entry < length; entry++) {
    const id = imageIds[entry];
    if (id !== lastId || last === undefined) {
      last = id === undefined ? undefined : pictureOf.get(id);
      if (last === undefined) throw unknownPicture(annotations, results.file, entry, id);
      lastId = id;
    }
    pictures[entry] = last;
    const category = categoryOf.get(categoryIds[entry] ?? 0);
    if (category === undefined) throw unknownCategory(annotations, results.file, entry, categoryIds[entry]);
    categories[entry] = category;
  }
  return { results, pictures, categories };
}

function unknownPicture({ name, samples }: DetectionAnnotations, file: string, entry: number, id: unknown) {
  const some = samples.slice(0, 3).map((sample) => JSON.stringify(sample.id));
  const expected = `the id of one of the ${samples.length} pictures of ${name} (${some.join(', ')}, …)`;
  return wrong(`${file}: [${entry}].image_id`, expected, id);
}

function unknownCategory(
  { name, classes, categoryIds }: DetectionAnnotations,
  file: string,
  entry: number,
  category: unknown,
) {
  const some = categoryIds.slice(0, 10).map((categoryId, i) => `${categoryId} ${classes[i]}`);
  const more = categoryIds.length > 10 ? ', …' : '';
  const expected = `one of the ${categoryIds.length} categories of ${name} (${some.join(', ')}${more})`;
  return wrong(`${file}: [${entry}].category_id`, expected, category);
}

/**
 * Sorts results files by picture; records are made picture by picture, never all at once.
 * @throws {LowformerError} as `placeResults`.
 */
export function resultsByPicture(annotations: DetectionAnnotations, files: readonly CocoResults[]): DetectionsOf {
  const sorted = files.map((results) => {
    const { pictures } = placeResults(annotations, results);
    return { results, ...groupRows(pictures, results.length, annotations.samples.length) };
  });
  return (picture) =>
    sorted.flatMap(({ results, rows, starts }) =>
      Array.from(rows.subarray(starts[picture] ?? 0, starts[picture + 1] ?? 0), (entry) => cocoResult(results, entry)),
    );
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}
