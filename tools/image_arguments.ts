import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { LowformerError } from '../core/errors.js';

/** What a folder is searched for; any other file can still be named. */
const EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp', 'bmp', 'tif', 'tiff', 'gif', 'avif'] as const;

/** What IMAGE… means, and the arguments that mean nothing: they do not keep the pictures that are there. */
export interface ImageArguments {
  readonly files: readonly string[];
  readonly bad: readonly LowformerError[];
}

/**
 * The pictures that IMAGE… means: files as named, folders with all that is below them, globs; each once, in order.
 * Whether a file can be read shows later.
 * @throws {LowformerError} `unreadable-file` when there is no picture at all.
 */
export async function expandImages(args: readonly string[]): Promise<ImageArguments> {
  const found = new Map<string, string>();
  const bad: LowformerError[] = [];
  for (const argument of args) {
    try {
      for (const path of await expand(argument)) if (!found.has(resolve(path))) found.set(resolve(path), path);
    } catch (error) {
      if (!(error instanceof LowformerError)) throw error;
      bad.push(error);
    }
  }
  const [first, ...others] = bad;
  if (found.size > 0 || first === undefined) return { files: [...found.values()], bad };
  if (others.length === 0) throw first;
  throw new LowformerError({
    code: 'unreadable-file',
    where: 'IMAGE',
    expected: 'at least one picture, but there is none',
    hint: `What cannot be found:${bad.map(({ message }) => `\n  ${message}`).join('')}`,
  });
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
      expected: 'a folder with pictures, but there is none in it',
      hint,
    });
  }
  if (kind === undefined && /[*?[\]{}]/.test(argument)) {
    const names = await glob(argument, { onlyFiles: true });
    if (names.length > 0) return names.sort();
  }
  const but = kind === undefined ? 'there is nothing of that name' : 'it is neither file nor folder';
  const expected = `a picture, a folder or a glob, but ${but}`;
  throw new LowformerError({ code: 'unreadable-file', where: argument, expected });
}

/**
 * The name under which a picture's results are written, without ending: its base name, or its path below the folder
 * that all pictures share where base names recur.
 * @param endings of the files that are written for each picture: `.png`, `.overlay.png`.
 * @throws {LowformerError} `invalid-argument` for pictures whose results would overwrite each other, such as `a.jpg`
 *   beside `a.png`, or would overwrite a picture itself.
 */
export function outputNames(
  paths: readonly string[],
  folder: string,
  endings: readonly string[],
): ReadonlyMap<string, string> {
  const stem = (path: string) => basename(path, extname(path));
  const shared = commonFolder(paths.map((path) => dirname(resolve(path))));
  const recur = new Set(paths.map(stem)).size < paths.length;
  const name = (path: string) => (recur ? join(relative(shared, dirname(resolve(path))), stem(path)) : stem(path));
  const names = new Map(paths.map((path) => [path, name(path)]));
  const pictures = new Set(paths.map((path) => resolve(path)));
  const taken = new Map<string, string>();
  for (const [path, base] of names) {
    for (const ending of endings) {
      const file = join(folder, `${base}${ending}`);
      const other = taken.get(file);
      if (other !== undefined)
        throw collision(file, `It would hold the result of ${other} and of ${path}: run them apart`);
      if (pictures.has(resolve(file))) throw collision(file, 'It is one of the pictures: name another --out');
      taken.set(file, path);
    }
  }
  return names;
}

function collision(where: string, reason: string): LowformerError {
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected: 'a file for the result of one picture alone',
    hint: `${reason}.`,
  });
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
