import { isAbsolute, join, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { listTree } from '../files/list_tree.js';
import { readRegularFile } from '../files/regular_file.js';
import { statNamed } from '../files/undecoded_name.js';
import { OTHER_PICTURE_ENDINGS, PICTURE_ENDINGS } from '../images/picture_endings.js';

/** Files read side by side: enough to keep a disk busy, few enough to hold in memory. */
const AT_ONCE = 16;

/** @throws {LowformerError} `unreadable-file`, saying why: missing, no regular file, not permitted, 2 GiB or more. */
export function readBytes(path: string, expected: string): Promise<Uint8Array> {
  return readRegularFile(path, { expected });
}

/** What `path` is, links followed; `special` are devices, pipes and sockets, which are not read. */
export async function pathKind(path: string): Promise<'folder' | 'file' | 'special' | 'missing'> {
  const found = await statNamed(path);
  if (found === undefined) return 'missing';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'special';
}

/** @throws {LowformerError} `unreadable-file` unless `path` is a folder. */
export async function checkFolder(path: string, expected: string): Promise<void> {
  const kind = await pathKind(path);
  if (kind === 'folder') return;
  const hint = kind === 'missing' ? 'There is no such folder.' : 'It is a file.';
  throw new LowformerError({ code: 'unreadable-file', where: path, expected, hint });
}

/**
 * Paths of the files below `folder` whose name ends in one of `endings` (with the point; capitals count for nothing),
 * relative to it, with `/`, sorted by code units. Hidden files are left out: macOS leaves `._NAME.jpg` in archives.
 */
export async function listFiles(folder: string, endings: readonly string[]): Promise<readonly string[]> {
  const found = await listTree(folder);
  const wanted = found.filter((path) => endings.some((ending) => path.toLowerCase().endsWith(ending.toLowerCase())));
  return wanted.sort();
}

/** The pictures below `folder`, as `listFiles`. */
export function listPictures(folder: string): Promise<readonly string[]> {
  return listFiles(
    folder,
    PICTURE_ENDINGS.map((extension) => `.${extension}`),
  );
}

/** The pictures below `folder` in formats that are not read, as `listFiles`. */
export function listOtherPictures(folder: string): Promise<readonly string[]> {
  return listFiles(
    folder,
    OTHER_PICTURE_ENDINGS.map((extension) => `.${extension}`),
  );
}

/** Without `suffix`, and without an extension where `suffix` is undefined; always with `/`. */
export function stem(path: string, suffix?: string): string {
  if (suffix !== undefined) return path.slice(0, path.length - suffix.length);
  return path.replace(/\.[^./]*$/, '');
}

/** `path` from `folder` on, unless it is absolute already. */
export function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(resolve(folder), path);
}

/** `work` on every item, a few at a time; results in the order of the items, and of several errors the first in it. */
export async function mapFew<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const few = items.slice(from, from + AT_ONCE);
    for (const outcome of await Promise.allSettled(few.map((item, i) => work(item, from + i)))) {
      if (outcome.status === 'rejected') throw outcome.reason;
      results.push(outcome.value);
    }
  }
  return results;
}

/** As `mapFew`, one outcome after the other, in the order of the items: what fails keeps the others from nothing. */
export async function* settleFew<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<PromiseSettledResult<Result>, undefined> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    yield* await Promise.allSettled(items.slice(from, from + AT_ONCE).map(work));
  }
}

/** The first few of a list, for a message: `a, b, c and 7 more`. */
export function handful(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
