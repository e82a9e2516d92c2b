/**
 * A dataset's classes against a config's. Matched by name, never by position: a detector that is scored against classes
 * in another order has an AP near 0, and nothing else shows why.
 */
import { type CategoryId, type ClassIndex, classIndex } from '../core/brands.js';
import { LowformerError } from '../core/errors.js';
import { harmless } from '../core/harmless.js';
import type { Notes } from '../core/notes.js';
import type { ClassificationDataset, DetectionAnnotations, SegmentationDataset } from './dataset.js';

/** The part of a config's `metainfo` that counts here. */
export interface ConfigClasses {
  readonly classes: readonly string[];
  readonly category_ids?: readonly number[] | undefined;
}

export interface MappingOptions {
  /** The dataset's classes were chosen: the config may have more. */
  readonly chosen?: boolean;
  readonly notes?: Notes;
  /** What to do about classes of one side alone: by default, how some of them are scored. */
  readonly advice?: string | undefined;
}

export interface CategoryMapping {
  readonly classIndexOf: ReadonlyMap<CategoryId, ClassIndex>;
  /**
   * By class index: the dataset's own ids, for predictions that are scored against it; undefined for a class that does
   * not count.
   */
  readonly categoryIdOf: readonly (CategoryId | undefined)[];
  /** Whether both sides list the classes in one order; if not, they were matched by name all the same. */
  readonly sameOrder: boolean;
}

/**
 * From a detection dataset's categories to the config's class indices. Spaces around names do not count. Classes that the
 * config has not and no object shows (Roboflow lists a parent of all classes) are left out with a note.
 * @throws {LowformerError} `invalid-argument`, listing both sides, for a class that only one side has, a name that
 *   stands twice, and a `category_ids` of the config that contradicts the dataset.
 */
export function mapCategories(
  dataset: Pick<DetectionAnnotations, 'name' | 'classes' | 'categoryIds' | 'samples'>,
  config: ConfigClasses,
  { chosen = false, notes, advice }: MappingOptions = {},
): CategoryMapping {
  const ours = trimmed(config.classes);
  const all = trimmed(dataset.classes);
  const unused = all.every((name) => ours.includes(name)) ? [] : unusedClasses(dataset, ours);
  for (const name of unused) {
    notes?.add({ kind: 'unused-class', where: dataset.name, message: UNUSED }, `'${harmless(name)}'`);
  }
  const theirs = all.filter((name) => !unused.includes(name));
  checkSameNames(dataset.name, theirs, chosen ? ours.filter((name) => theirs.includes(name)) : ours, advice);
  const idOf = new Map(all.map((name, i) => [name, dataset.categoryIds[i]]));
  const categoryIdOf = ours.map((name) => idOf.get(name));
  const wrong = categoryIdOf.findIndex(
    (id, i) => id !== undefined && config.category_ids !== undefined && config.category_ids[i] !== id,
  );
  if (wrong >= 0) {
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'metainfo.category_ids',
      expected: `${categoryIdOf[wrong]} for '${ours[wrong]}', as ${dataset.name} has it,`,
      received: config.category_ids?.[wrong],
      hint: 'Correct the list, or leave it out: classes are matched by name.',
    });
  }
  return {
    classIndexOf: new Map(
      categoryIdOf.flatMap((id, index) => (id === undefined ? [] : [[id, classIndex(index)] as const])),
    ),
    categoryIdOf,
    sameOrder: ours.filter((name) => theirs.includes(name)).every((name, i) => name === theirs[i]),
  };
}

const UNUSED = 'Classes that the config has not and no annotation uses are left out';

/** Classes of a dataset that are not among `ours` and of which it has no object. */
function unusedClasses(
  { classes, categoryIds, samples }: Pick<DetectionAnnotations, 'classes' | 'categoryIds' | 'samples'>,
  ours: readonly string[],
): readonly string[] {
  const used = new Set(samples.flatMap(({ objects }) => objects.map(({ categoryId }) => categoryId)));
  return trimmed(classes).filter((name, i) => {
    const id = categoryIds[i];
    return !ours.includes(name) && id !== undefined && !used.has(id);
  });
}

/**
 * That a segmentation dataset's label numbers mean the config's classes: the same names in the same order, since label
 * files hold positions. A dataset without names is taken to follow the config.
 * @param advice as of `mapCategories`.
 * @throws {LowformerError} `invalid-argument`, listing both sides.
 */
export function checkLabelClasses(
  dataset: Pick<SegmentationDataset, 'name' | 'classes'>,
  config: Pick<ConfigClasses, 'classes'>,
  advice?: string,
): void {
  if (dataset.classes === undefined) return;
  const [theirs, ours] = [trimmed(dataset.classes), trimmed(config.classes)];
  checkSameNames(dataset.name, theirs, ours, advice);
  const at = theirs.findIndex((name, i) => name !== ours[i]);
  if (at < 0) return;
  const hint = `Label ${at} is '${theirs[at]}' in the dataset and '${ours[at]}' in the config.`;
  throw mismatch(dataset.name, 'the classes in the order of the config', theirs, ours, hint);
}

/** ImageNet's folders: WordNet ids, whose sorted order is the order of its classes. */
const WORDNET_ID = /^n\d{8}$/;

/**
 * From a classification dataset's class folders (by position) to the config's class indices: by the folder's name, or
 * by any of its names where a mapping file gave them. Folders that are WordNet ids without names are counted:
 * as many as the config has classes, in sorted order, as every ImageNet classifier has them.
 * @throws {LowformerError} `invalid-argument`, listing both sides, for a class that only one side has or that
 *   fits twice.
 */
export function mapClassFolders(
  dataset: Pick<ClassificationDataset, 'name' | 'classes' | 'classNames'>,
  config: Pick<ConfigClasses, 'classes'>,
): readonly ClassIndex[] {
  const { name, classes, classNames } = dataset;
  const ours = trimmed(config.classes);
  if (
    classNames === undefined &&
    classes.every((folder) => WORDNET_ID.test(folder)) &&
    !ours.includes(classes[0] ?? '')
  ) {
    if (classes.length === ours.length) return classes.map((_, index) => classIndex(index));
    const expected = `${ours.length} class folders, as the config has classes,`;
    const hint = 'For a part of the classes, give a file with the names of the folders.';
    throw new LowformerError({ code: 'invalid-argument', where: name, expected, received: classes.length, hint });
  }
  // Two ImageNet classes may share a short name ('crane', 'maillot'): the n-th folder of a name is the n-th class of it.
  const free = new Map<string, number[]>();
  ours.forEach((own, index) => {
    free.set(own, [...(free.get(own) ?? []), index]);
  });
  const theirs = classes.map(
    (folder, i) => classNames?.[i]?.find((known) => free.has(known)) ?? classNames?.[i]?.[0] ?? folder,
  );
  const indices = theirs.map((known) => free.get(known)?.shift());
  const found = indices.filter((index) => index !== undefined);
  if (found.length < theirs.length || found.length < ours.length) {
    const extra = theirs.filter((_, i) => indices[i] === undefined);
    const missing = [...free].flatMap(([own, left]) => left.map(() => own));
    throw mismatch(name, 'the classes of the config', theirs, ours, differences(missing, extra));
  }
  return found.map(classIndex);
}

function checkSameNames(
  dataset: string,
  theirs: readonly string[],
  ours: readonly string[],
  advice: string = PART,
): void {
  for (const [side, names] of [
    [dataset, theirs],
    ['metainfo.classes', ours],
  ] as const) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice === undefined) continue;
    throw new LowformerError({
      code: 'invalid-argument',
      where: side,
      expected: 'each class name once',
      received: twice,
    });
  }
  const missing = ours.filter((name) => !theirs.includes(name));
  const extra = theirs.filter((name) => !ours.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  throw mismatch(dataset, 'the classes of the config', theirs, ours, `${differences(missing, extra)} ${advice}`);
}

const PART = 'To score the classes that both have, name them: --classes a,b.';

function differences(missing: readonly string[], extra: readonly string[]): string {
  return [
    missing.length === 0 ? [] : [`The dataset lacks ${listed(missing)}.`],
    extra.length === 0 ? [] : [`The config lacks ${listed(extra)}.`],
  ]
    .flat()
    .join(' ');
}

function mismatch(
  where: string,
  expected: string,
  theirs: readonly string[],
  ours: readonly string[],
  hint: string,
): LowformerError {
  const sides = `\n  dataset (${theirs.length}): ${theirs.join(', ')}\n  config (${ours.length}): ${ours.join(', ')}`;
  return new LowformerError({ code: 'invalid-argument', where, expected, hint: `${hint}${sides}` });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `'${name}'`);
  return names.length > 10 ? `${shown.join(', ')} and ${names.length - 10} more` : shown.join(', ');
}

function trimmed(names: readonly string[]): readonly string[] {
  return names.map((name) => name.trim());
}
