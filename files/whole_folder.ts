import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { said } from './atomic_write.js';
import { removeLeftBehind, temporaryName } from './left_behind.js';
import { checkFolder } from './output_folder.js';
import { isSystemError } from './system_error.js';

/**
 * Fills a new or empty folder as a whole or not at all: `write` gets a hidden folder in it, whose files and folders take
 * their place at the end. When anything fails, nothing of it is left, and no folder that was made for it.
 * @throws {LowformerError} `unwritable-file` where the system refuses, or where the folder holds anything already;
 *   hidden files do not count.
 */
export async function writeWholeFolder(folder: string, write: (inside: string) => Promise<void>): Promise<void> {
  await using whole = await openWholeFolder(folder);
  await write(whole.inside);
  await whole.finish();
}

/** A folder that is filled over a long time, as a whole or not at all: disposing of it before `finish` leaves nothing. */
export interface WholeFolder extends AsyncDisposable {
  /** A hidden folder in it, to be filled. */
  readonly inside: string;
  /** What is inside takes its place. @throws {LowformerError} `unwritable-file`. */
  finish(): Promise<void>;
}

/** `writeWholeFolder` for what comes piece by piece. @throws {LowformerError} likewise. */
export async function openWholeFolder(folder: string): Promise<WholeFolder> {
  await checkEmptyFolder(folder);
  const first = await said(folder, () => mkdir(folder, { recursive: true }));
  const inside = join(folder, temporaryName('.unfinished'));
  let finished = false;
  const remove = async () => {
    await rm(inside, { recursive: true, force: true }).catch(() => {});
    if (!finished && first !== undefined) await removeMade(resolve(folder), resolve(first));
  };
  try {
    await said(folder, () => mkdir(inside));
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    inside,
    finish: () =>
      said(folder, async () => {
        const entries = await readdir(inside, { withFileTypes: true });
        // Files last: the list of what is in the folders is there when they are.
        const order = [...entries].sort((a, b) => Number(a.isFile()) - Number(b.isFile()));
        for (const { name } of order) await rename(join(inside, name), join(folder, name));
        finished = true;
      }),
    [Symbol.asyncDispose]: remove,
  };
}

/**
 * That `writeWholeFolder` can begin: known before the long work. What a process that was killed left there is removed.
 * @throws {LowformerError} as `writeWholeFolder`.
 */
export async function checkEmptyFolder(folder: string): Promise<void> {
  await checkFolder(folder);
  await removeLeftBehind(folder);
  const names = await said(folder, () =>
    readdir(folder).catch((error: unknown) => {
      if (isSystemError(error) && error.code === 'ENOENT') return [];
      throw error;
    }),
  );
  const [found, ...more] = names.filter((name) => !name.startsWith('.')).sort();
  if (found === undefined) return;
  throw new LowformerError({
    code: 'unwritable-file',
    where: folder,
    expected: 'a folder that is new or empty',
    received: more.length === 0 ? found : `${found} and ${more.length} more`,
    hint: 'Nothing was written. Name another one, or remove what is in it.',
  });
}

/** Folders that were made, from `folder` up to `first`, as far as they are empty. */
async function removeMade(folder: string, first: string): Promise<void> {
  const removed = await rmdir(folder).then(
    () => true,
    () => false,
  );
  if (removed && folder !== first && dirname(folder) !== folder) await removeMade(dirname(folder), first);
}
