import { type CategoryId, type ClassIndex, categoryId, classIndex } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import type { MetaInfo } from '../data/metainfo.js';
import type { Model } from './model.js';

/** What a class is called, by its place in the network's outputs. */
export interface ClassLabel {
  readonly classIndex: ClassIndex;
  readonly categoryId: CategoryId;
  readonly category: string;
}

/**
 * A config's `metainfo` with a name, an id and a colour for the background, where a single output is held against a
 * threshold and only the foreground is named.
 */
export function withBackground(metaInfo: MetaInfo, { thresholded }: Pick<Model, 'thresholded'>): MetaInfo {
  const { classes, category_ids, palette } = metaInfo;
  if (!thresholded || classes.length !== 1) return metaInfo;
  return {
    ...metaInfo,
    classes: ['background', ...classes],
    ...(category_ids?.length === 1 ? { category_ids: [0, ...category_ids] } : {}),
    ...(palette?.length === 1 ? { palette: [[0, 0, 0], ...palette] } : {}),
  };
}

/**
 * One label for each output of the network.
 * @throws {LowformerError} `invalid-config` when names, ids or colours are not as many as the head tells apart:
 *   classes out of step with the network would be wrong without a sign of it.
 */
export function classLabels(metaInfo: MetaInfo, numClasses: number): readonly ClassLabel[] {
  const { classes, category_ids, palette } = metaInfo;
  check('metainfo.classes', classes, numClasses);
  if (category_ids !== undefined) check('metainfo.category_ids', category_ids, numClasses);
  if (palette !== undefined) check('metainfo.palette', palette, numClasses);
  return classes.map((category, index) => ({
    classIndex: classIndex(index),
    categoryId: categoryId(category_ids?.[index] ?? index + 1),
    category,
  }));
}

function check(where: string, given: readonly unknown[], numClasses: number): void {
  if (given.length === numClasses) return;
  const expected = `${numClasses} entries, one for each class that the head tells apart`;
  const hint = 'Set num_classes of the head, or metainfo, so that both speak of the same classes.';
  throw new LowformerError({ code: 'invalid-config', where, expected, received: given.length, hint });
}
