import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { LowformerError } from '../core/errors.js';

/** What a folder is searched for; any other file can still be named. */
const EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp', 'bmp', 'tif', 'tiff', 'gif', 'avif'] as const;

/**
 * The pictures that IMAGE… means: files as named, folders with all that is below them, globs; each once, in order.
 * Whether a file can be read shows later: one bad picture does not keep the others.
 * @throws {LowformerError} for a name that matches nothing and a folder without pictures.
 */
export async function expandImages(args: readonly string[]): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const argument of args) {
    for (const path of await expand(argument)) found.set(resolve(path), path);
  }
  return [...found.values()];
}

async function expand(argument: string): Promise<readonly string[]> {
  const kind = await stat(argument).catch(() => undefined);
  if (kind?.isFile() === true) return [argument];
  if (kind?.isDirectory() === true) {
    const pattern = `**/*.{${EXTENSIONS.join(',')}}`;
    const names = await glob(pattern, { cwd: argument, caseSensitiveMatch: false, onlyFiles: true });
    if (names.length > 0) return names.sort().map((name) => join(argument, name));
    const hint = `Endings looked for: ${EXTENSIONS.join(', ')}.`;
    throw new LowformerError({
      code: 'unreadable-file',
      where: argument,
      expected: 'a folder with pictures',
      received: 'none in it',
      hint,
    });
  }
  if (kind === undefined && /[*?[\]{}]/.test(argument)) {
    const names = await glob(argument, { onlyFiles: true });
    if (names.length > 0) return names.sort();
  }
  const received = kind === undefined ? 'nothing of that name' : 'something else';
  throw new LowformerError({
    code: 'unreadable-file',
    where: argument,
    expected: 'a picture, a folder or a glob',
    received,
  });
}

/**
 * The name under which a picture's results are written, without ending: its base name, or its path below the folder
 * that all pictures share where base names recur. Distinct pictures have distinct names.
 * @throws {LowformerError} for `a.jpg` beside `a.png`, whose results would overwrite each other.
 */
export function outputNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const stem = (path: string) => basename(path, extname(path));
  if (new Set(paths.map(stem)).size === paths.length) return new Map(paths.map((path) => [path, stem(path)]));
  const shared = commonFolder(paths.map((path) => dirname(resolve(path))));
  const names = new Map<string, string>();
  const taken = new Map<string, string>();
  for (const path of paths) {
    const name = join(relative(shared, dirname(resolve(path))), stem(path));
    const other = taken.get(name);
    if (other !== undefined) {
      const hint = `${other} and ${path} differ in their ending alone, and their results would have one name. Run them apart.`;
      throw new LowformerError({
        code: 'invalid-argument',
        where: 'IMAGE',
        expected: 'pictures of distinct names',
        hint,
      });
    }
    taken.set(name, path);
    names.set(path, name);
  }
  return names;
}

function commonFolder(folders: readonly string[]): string {
  const [first = ''] = folders;
  let shared = first;
  while (
    !folders.every((folder) => folder === shared || folder.startsWith(shared.endsWith('/') ? shared : `${shared}/`))
  ) {
    const parent = dirname(shared);
    if (parent === shared) break;
    shared = parent;
  }
  return shared;
}
