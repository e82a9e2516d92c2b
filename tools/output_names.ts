import * as nodePath from 'node:path';
import { LowformerError } from '../core/errors.js';

/** How paths are written, and whether names that differ in capitals alone are one file. */
export interface PathRules {
  readonly path: nodePath.PlatformPath;
  readonly capitalsDiffer: boolean;
}

const HERE: PathRules = {
  path: nodePath,
  capitalsDiffer: process.platform !== 'win32' && process.platform !== 'darwin',
};

/**
 * The name under which a picture's results are written, without ending: its base name, or its path below the folder
 * that all pictures share where base names recur. Pictures on several drives share none: then their drive's letter is
 * the first folder.
 * @param endings of the files that are written for each picture: `.png`, `.overlay.png`.
 * @throws {LowformerError} `invalid-argument` for pictures whose results would overwrite each other, such as `a.jpg`
 *   beside `a.png`, or would overwrite a picture itself.
 */
export function outputNames(
  pictures: readonly string[],
  folder: string,
  endings: readonly string[],
  { path, capitalsDiffer }: PathRules = HERE,
): ReadonlyMap<string, string> {
  const sameFile = (file: string) => (capitalsDiffer ? path.resolve(file) : path.resolve(file).toLowerCase());
  const stem = (picture: string) => path.basename(picture, path.extname(picture));
  const folderOf = (picture: string) => path.dirname(path.resolve(picture));
  const shared = commonFolder(pictures.map(folderOf), path);
  const recur = new Set(pictures.map((picture) => sameFile(stem(picture)))).size < pictures.length;
  const name = (picture: string) =>
    recur ? path.join(folderBelow(shared, folderOf(picture), path), stem(picture)) : stem(picture);
  const names = new Map(pictures.map((picture) => [picture, name(picture)]));
  const own = new Set(pictures.map(sameFile));
  const taken = new Map<string, string>();
  for (const [picture, base] of names) {
    for (const ending of endings) {
      const file = path.join(folder, `${base}${ending}`);
      const other = taken.get(sameFile(file));
      if (other !== undefined)
        throw collision(file, `It would hold the result of ${other} and of ${picture}: run them apart`);
      if (own.has(sameFile(file))) throw collision(file, 'It is one of the pictures: name another --out');
      taken.set(sameFile(file), picture);
    }
  }
  return names;
}

/** Of each picture its path below the folder that all share, with `/`; of a single one its base name. */
export function pathsBelowShared(
  pictures: readonly string[],
  { path }: Pick<PathRules, 'path'> = HERE,
): ReadonlyMap<string, string> {
  const folderOf = (picture: string) => path.dirname(path.resolve(picture));
  const shared = commonFolder(pictures.map(folderOf), path);
  return new Map(
    pictures.map((picture) => {
      const below = path.join(folderBelow(shared, folderOf(picture), path), path.basename(picture));
      return [picture, below.replaceAll(path.sep, '/')];
    }),
  );
}

function collision(where: string, reason: string): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected: 'a file for the result of one picture alone',
    hint: `${reason}.`,
  });
}

/** The innermost folder that holds all of these absolute ones; undefined where they lie on several drives. */
function commonFolder(folders: readonly string[], path: nodePath.PlatformPath): string | undefined {
  let shared = folders[0];
  while (shared !== undefined && !folders.every((folder) => isWithin(shared ?? '', folder, path))) {
    const parent = path.dirname(shared);
    shared = parent === shared ? undefined : parent;
  }
  return shared;
}

function isWithin(outer: string, folder: string, path: nodePath.PlatformPath): boolean {
  const way = path.relative(outer, folder);
  return !path.isAbsolute(way) && way.split(path.sep)[0] !== '..';
}

/** `C:\pics\day1` as `pics\day1` below `C:\`, and as `C\pics\day1` where nothing is shared. */
function folderBelow(shared: string | undefined, folder: string, path: nodePath.PlatformPath): string {
  if (shared !== undefined) return path.relative(shared, folder);
  const { root } = path.parse(folder);
  return path.join(root.replace(/[:\\/]+/g, path.sep).replace(/^[\\/]+/, ''), folder.slice(root.length));
}
