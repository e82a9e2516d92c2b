import { LowformerError } from '../../core/errors.js';
import { type CocoResult, type CocoResults, cocoResult } from '../../data/coco_results.js';
import type { DetectionAnnotations } from '../../data/dataset.js';

/** The detections of a picture by its position among the annotations' samples, in the order of the files. */
export type DetectionsOf = (picture: number) => readonly CocoResult[];

/**
 * Sorts results files by picture; records are made picture by picture, never all at once.
 * @throws {LowformerError} `invalid-argument`, with file, entry and value, for a picture or category that the
 *   annotations lack.
 */
export function resultsByPicture(
  { name, samples, classes, categoryIds }: DetectionAnnotations,
  files: readonly CocoResults[],
): DetectionsOf {
  const positions = new Map(samples.map(({ id }, i) => [id, i]));
  const known = new Set<number>(categoryIds);
  const sorted = files.map((results) => {
    const pictureOf = new Uint32Array(results.length);
    const starts = new Uint32Array(samples.length + 1);
    for (let entry = 0; entry < results.length; entry++) {
      const id = results.imageIds[entry];
      const picture = id === undefined ? undefined : positions.get(id);
      if (picture === undefined) {
        const some = samples.slice(0, 3).map((sample) => JSON.stringify(sample.id));
        const expected = `the id of one of the ${samples.length} pictures of ${name} (${some.join(', ')}, …)`;
        throw wrong(`${results.file}: [${entry}].image_id`, expected, id);
      }
      const category = results.categoryIds[entry] ?? 0;
      if (!known.has(category)) {
        const some = categoryIds.slice(0, 10).map((categoryId, i) => `${categoryId} ${classes[i]}`);
        const more = categoryIds.length > 10 ? ', …' : '';
        const expected = `one of the ${categoryIds.length} categories of ${name} (${some.join(', ')}${more})`;
        throw wrong(`${results.file}: [${entry}].category_id`, expected, category);
      }
      pictureOf[entry] = picture;
      starts[picture + 1] = (starts[picture + 1] ?? 0) + 1;
    }
    for (let i = 0; i < samples.length; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
    const filled = starts.slice();
    const order = new Uint32Array(results.length);
    pictureOf.forEach((picture, entry) => {
      const at = filled[picture] ?? 0;
      order[at] = entry;
      filled[picture] = at + 1;
    });
    return { results, starts, order };
  });
  return (picture) =>
    sorted.flatMap(({ results, starts, order }) =>
      Array.from(order.subarray(starts[picture] ?? 0, starts[picture + 1] ?? 0), (entry) => cocoResult(results, entry)),
    );
}

function wrong(where: string, expected: string, received: unknown): LowformerError {
  return new LowformerError({ code: 'invalid-argument', where, expected, received });
}
