/** Downloaded files that are wanted no more. */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { takeLock } from '../../files/lock.js';
import { isAbsence } from '../../files/system_error.js';
import { unwritableCache } from './cache_owner.js';
import type { CachedFile } from './cached_file.js';

export interface RemovedFile {
  readonly path: string;
  readonly bytes: number;
}

/** What the folders of addresses are called: nothing else is removed, whatever the cache is set to. */
const KEY = /^[0-9a-f]{16}$/;

/**
 * Removes a file, and what has come of it.
 * @returns undefined where there was nothing.
 * @throws {LowformerError} `invalid-argument` while a process downloads it; `unwritable-file`.
 */
export function removeDownload({ folder }: CachedFile): Promise<RemovedFile | undefined> {
  return removeFolder(folder);
}

/** The same of every file in the cache. */
export async function removeAllDownloads(cache: string): Promise<readonly RemovedFile[]> {
  const parent = join(cache, 'checkpoints');
  const removed: RemovedFile[] = [];
  for (const name of (await entriesOf(parent)).filter((entry) => KEY.test(entry)).toSorted()) {
    const one = await removeFolder(join(parent, name));
    if (one !== undefined) removed.push(one);
  }
  for (const folder of [parent, cache]) await rmdir(folder).catch(() => {});
  return removed;
}

async function removeFolder(folder: string): Promise<RemovedFile | undefined> {
  if ((await stat(folder).catch(() => undefined)) === undefined) return undefined;
  try {
    await using _lock = await takeLock(folder, 'download of that file', 'end it');
    const files = (await entriesOf(folder)).toSorted();
    let bytes = 0;
    for (const file of files) bytes += (await stat(join(folder, file)).catch(() => ({ size: 0 }))).size;
    await rm(folder, { recursive: true, force: true });
    // The shortest name is the file's own: what is known of it is `NAME.json`.
    const [first = ''] = files;
    return { path: join(folder, first.replace(/(?:\.part)?(?:\.json)?$/, '')), bytes };
  } catch (error) {
    throw await unwritableCache(folder, error);
  }
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsence(error)) return [];
    throw await unwritableCache(folder, error);
  }
}
