import { LowformerError } from '../core/errors.js';
import { absolute, checkFolder, handful, listFiles, listPictures, stem } from './files.js';
import { choosePictures, readPictureList } from './subset.js';

/** One of two folders whose files belong together by name. */
export interface Side {
  readonly folder: string;
  /** Of the files that count, and not part of what they are matched by; absent: any picture, without its extension. */
  readonly suffix?: string;
  /** What a file there is, for messages: `picture`, `label map`. */
  readonly what: string;
}

export interface Pair {
  /** Path in its folder, without suffix. */
  readonly id: string;
  readonly left: string;
  readonly right: string;
}

/** What `lowformer segment` writes beside its label maps. */
const OVERLAY = '.overlay.png';

/**
 * Every file on the left with the one of the same name on the right, folders below included, sorted by name.
 * Pictures that `segment` wrote for people (`NAME.overlay.png`) are left out.
 * @param list a file that names those that count: the others need no counterpart.
 * @throws {LowformerError} `unreadable-file` for a missing folder, an empty one, and for files of either side that
 *   have no counterpart or share one name: a handful of them is listed.
 */
export async function pairFiles(left: Side, right: Side, list?: string): Promise<readonly Pair[]> {
  const [all, others] = [await filesByStem(left), await filesByStem(right)];
  const chosen = list === undefined ? undefined : new Set(await listedNames(list, [...all.keys()], left.folder));
  const some = (files: ReadonlyMap<string, string>) => new Map([...files].filter(([id]) => chosen?.has(id) ?? true));
  const [a, b] = [some(all), some(others)];
  checkCounterparts(left, a, right, b);
  checkCounterparts(right, b, left, a);
  return [...a].flatMap(([id, path]) => {
    const other = b.get(id);
    return other === undefined ? [] : [{ id, left: absolute(left.folder, path), right: absolute(right.folder, other) }];
  });
}

async function listedNames(list: string, ids: readonly string[], folder: string): Promise<readonly string[]> {
  const known = ids.map((id) => [id, id.slice(id.lastIndexOf('/') + 1)]);
  const positions = choosePictures(await readPictureList(list), known, list, folder);
  return positions.flatMap((position) => ids[position] ?? []);
}

async function filesByStem({ folder, suffix, what }: Side): Promise<ReadonlyMap<string, string>> {
  await checkFolder(folder, `a folder of ${what}s`);
  const listed = suffix === undefined ? await listPictures(folder) : await listFiles(folder, [suffix]);
  const paths = listed.filter((path) => !path.endsWith(OVERLAY));
  if (paths.length === 0) {
    const hint = `Nothing in it ${suffix === undefined ? 'is a picture' : `is named *${suffix}`}.`;
    throw new LowformerError({ code: 'unreadable-file', where: folder, expected: `a folder of ${what}s`, hint });
  }
  const byStem = new Map<string, string>();
  for (const path of paths) {
    const id = stem(path, suffix);
    const twin = byStem.get(id);
    if (twin !== undefined) {
      const received = `${twin}, ${path}`;
      throw new LowformerError({ code: 'unreadable-file', where: folder, expected: `one ${what} of a name`, received });
    }
    byStem.set(id, path);
  }
  return byStem;
}

function checkCounterparts(
  side: Side,
  files: ReadonlyMap<string, string>,
  other: Side,
  others: ReadonlyMap<string, string>,
): void {
  const alone = [...files].filter(([id]) => !others.has(id)).map(([, path]) => path);
  if (alone.length === 0) return;
  const hint = `${alone.length} of ${files.size} have none: ${handful(alone)}.`;
  const expected = `a ${other.what} NAME${other.suffix ?? '.*'} for every ${side.what} NAME${side.suffix ?? '.*'} in ${side.folder}`;
  throw new LowformerError({ code: 'unreadable-file', where: other.folder, expected, hint });
}
