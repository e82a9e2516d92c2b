/** Parts of a dataset: some of its classes, some of its pictures. */
import { LowformerError, nearestName } from '../core/errors.js';
import type { AnnotatedPicture, DetectionAnnotations, LeftOut } from './dataset.js';
import { handful, readBytes, stem } from './files.js';

/**
 * Only these classes, in the dataset's order and with its ids; objects of others are left out.
 * @throws {LowformerError} `invalid-argument` for a class that the dataset has not.
 */
export function selectClasses<Sample extends AnnotatedPicture>(
  dataset: DetectionAnnotations<Sample>,
  names: readonly string[],
): DetectionAnnotations<Sample> {
  const own = dataset.classes.map((name) => name.trim());
  for (const name of names) {
    if (own.includes(name)) continue;
    const near = nearestName(name, own);
    const hint = near === undefined ? `Its classes are ${handful(own)}.` : `Did you mean '${near}'?`;
    const expected = `classes of ${dataset.name}`;
    throw new LowformerError({ code: 'invalid-argument', where: '--classes', expected, received: name, hint });
  }
  const kept = [...own.keys()].filter((i) => names.includes(own[i] ?? ''));
  const left = [...own.keys()].filter((i) => !kept.includes(i));
  const some = <Item>(list: readonly Item[], positions: readonly number[]) =>
    list.filter((_, i) => positions.includes(i));
  const ids = new Set(some(dataset.categoryIds, kept));
  const samples = dataset.samples.map((sample) =>
    withObjects(sample, () => sample.objects.filter(({ categoryId }) => ids.has(categoryId))),
  );
  return {
    ...dataset,
    classes: some(dataset.classes, kept),
    categoryIds: some(dataset.categoryIds, kept),
    samples,
    leftOut: {
      ...leftOutOf(dataset),
      classes: some(dataset.classes, left),
      categoryIds: some(dataset.categoryIds, left),
    },
  };
}

/**
 * Only the pictures that a list names: by id, by file name, by path without extension or by the last part of it.
 * @throws {LowformerError} `unreadable-file`, and `invalid-argument` for a name that no picture or more than one has.
 */
export async function selectPictures<Sample extends AnnotatedPicture>(
  dataset: DetectionAnnotations<Sample>,
  list: string,
): Promise<DetectionAnnotations<Sample>> {
  const names = await readPictureList(list);
  const chosen = new Set(choosePictures(names, dataset.samples.map(namesOf), list, dataset.name));
  const left = dataset.samples.filter((_, i) => !chosen.has(i)).map(({ id }) => id);
  return {
    ...dataset,
    samples: dataset.samples.filter((_, i) => chosen.has(i)),
    leftOut: { ...leftOutOf(dataset), pictures: left },
  };
}

/** A name a line; what follows a space is left alone, as in VOC's lists by class. @throws {LowformerError} */
export async function readPictureList(list: string): Promise<readonly string[]> {
  const expected = 'a list of pictures, a name a line';
  const text = new TextDecoder().decode(await readBytes(list, expected));
  const lines = text.split(/\r?\n/).map((line) => line.trim().replaceAll('\\', '/').replace(/^\.\//, ''));
  const names = [...new Set(lines.filter(Boolean).map((line) => line.replace(/\s+-?\d$/, '')))];
  if (names.length > 0) return names;
  throw new LowformerError({ code: 'unreadable-file', where: list, expected, hint: 'It is empty.' });
}

/**
 * Positions of the pictures that a list names.
 * @param known by picture, what it may be called, exact names first.
 */
export function choosePictures(
  names: readonly string[],
  known: readonly (readonly string[])[],
  list: string,
  dataset: string,
): readonly number[] {
  const positions = new Map<string, number[]>();
  known.forEach((own, position) => {
    for (const name of new Set(own)) positions.set(name, [...(positions.get(name) ?? []), position]);
  });
  const missing: string[] = [];
  const chosen = names.flatMap((name) => {
    const found = positions.get(name) ?? positions.get(stem(name)) ?? positions.get(lastPart(stem(name))) ?? [];
    if (found.length > 1) {
      const hint = 'Write more of its path.';
      throw new LowformerError({
        code: 'invalid-argument',
        where: list,
        expected: 'names of one picture each',
        received: name,
        hint,
      });
    }
    if (found.length === 0) missing.push(name);
    return found;
  });
  if (missing.length === 0) return chosen;
  const expected = `pictures of ${dataset}`;
  const hint = `${missing.length} of ${names.length} are not among them: ${handful(missing)}.`;
  throw new LowformerError({ code: 'invalid-argument', where: list, expected, hint });
}

function namesOf(sample: AnnotatedPicture): readonly string[] {
  const id = String(sample.id);
  const named = 'fileName' in sample && typeof sample.fileName === 'string' ? sample.fileName : undefined;
  const file = 'file' in sample && typeof sample.file === 'string' ? sample.file.replaceAll('\\', '/') : undefined;
  const paths = [id, named ?? file ?? id].flatMap((path) => [path, stem(path), lastPart(stem(path))]);
  return paths;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function leftOutOf({ leftOut }: DetectionAnnotations): LeftOut {
  return leftOut ?? { classes: [], categoryIds: [], pictures: [] };
}

/** The same picture with other objects, made anew at each reading. */
function withObjects<Sample extends AnnotatedPicture>(sample: Sample, objects: () => Sample['objects']): Sample {
  const copy = { ...sample };
  Object.defineProperty(copy, 'objects', { get: objects, enumerable: true });
  return copy;
}
