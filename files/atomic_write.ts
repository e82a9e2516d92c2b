import { existsSync, fsync } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { LowformerError } from '../core/errors.js';
import { removeLeftBehind, temporaryName } from './left_behind.js';
import { isSystemError, type SystemError, writingReason } from './system_error.js';

/**
 * Writes `path` as a whole or not at all: `write` fills a new file with a temporary name in the same folder, which
 * takes the place of `path` at the end. Folders that are not there are made. When anything fails, the temporary file is
 * removed and what stood at `path` is untouched. A link is followed; a device or a pipe (`/dev/stdout`, `/dev/null`) is
 * written to, never replaced.
 * @throws {LowformerError} `unwritable-file` when the system refuses.
 */
export async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  await using whole = await openWhole(path);
  try {
    await write(whole.file);
  } catch (cause) {
    throw isSystemError(cause) ? unwritable(path, cause) : cause;
  }
  await whole.finish();
}

/** A file that is written over a long time, whole or not at all: disposing of it before `finish` leaves nothing. */
export interface WholeFile extends AsyncDisposable {
  /** Where it lies until it takes its place, for other programs that fill it. */
  readonly path: string;
  readonly file: FileHandle;
  /** `file.appendFile`. @throws {LowformerError} `unwritable-file`. */
  append(data: string | Uint8Array): Promise<void>;
  /** It takes its place. @throws {LowformerError} `unwritable-file`. */
  finish(): Promise<void>;
}

/** `writeWhole` for what comes piece by piece. @throws {LowformerError} `unwritable-file`, as all that it gives. */
export async function openWhole(path: string): Promise<WholeFile> {
  const { file, temporary, target } = await said(path, () => begin(path));
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await file.close();
  };
  let left = temporary;
  return {
    path: temporary ?? target,
    file,
    append: (data) => said(path, () => file.appendFile(data)),
    finish: () =>
      said(path, async () => {
        if (left !== undefined) await synchronise(file.fd);
        await close();
        if (left !== undefined) await rename(left, target);
        left = undefined;
      }),
    async [Symbol.asyncDispose]() {
      await close().catch(() => {});
      if (left !== undefined) await rm(left, { force: true }).catch(() => {});
      left = undefined;
    },
  };
}

/** A file that takes what comes and keeps it, finished or not. */
export type GrowingFile = Pick<WholeFile, 'append' | 'finish' | typeof Symbol.asyncDispose>;

/**
 * A file that is read while it grows: for lines of what has no end of its own. It stands at `path` from the start, in the place of
 * what was there, and whatever ends the work, it has all that was appended until then.
 * @throws {LowformerError} `unwritable-file`, as all that it gives.
 */
export async function openGrowing(path: string): Promise<GrowingFile> {
  const kept = 'What was written before stays.';
  const file = await said(path, async () => {
    const place = await outputPlace(path);
    if (place.kind === 'file') await mkdir(dirname(place.path), { recursive: true });
    return open(path, 'w');
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  };
  return {
    append: (data) => said(path, () => file.appendFile(data), kept),
    finish: () => said(path, close, kept),
    [Symbol.asyncDispose]: () => close().catch(() => {}),
  };
}

async function begin(path: string) {
  const place = await outputPlace(path);
  if (place.kind === 'stream') return { file: await open(path, 'w'), temporary: undefined, target: path };
  const folder = dirname(place.path);
  await mkdir(folder, { recursive: true });
  await removeLeftBehind(folder);
  const temporary = temporaryPath(place.path);
  return { file: await open(temporary, 'wx'), temporary, target: place.path };
}

/**
 * Does `work` at `path`; what the system says against it is a user's mistake.
 * @param left what is there then.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function said<Result>(
  path: string,
  work: () => Promise<Result>,
  left = 'Nothing was written.',
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw isSystemError(cause) ? unwritable(path, cause, left) : cause;
  }
}

/** `writeWhole` of bytes that are there already. @throws {LowformerError} `unwritable-file`. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  await writeWhole(path, (file) => file.writeFile(bytes));
}

/**
 * Tries whether `writeWhole` can write there, and leaves nothing behind, no folder either: a place that cannot be written
 * to is found before the long work, not after it.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function checkWritable(path: string): Promise<void> {
  await said(path, async () => {
    const place = await outputPlace(path);
    if (place.kind === 'stream') return;
    const temporary = join(await nearestFolder(dirname(resolve(place.path))), basename(temporaryPath(place.path)));
    await (await open(temporary, 'wx')).close();
    await rm(temporary);
  });
}

/** Makes a folder and those above it. @throws {LowformerError} `unwritable-file`. */
export async function makeFolder(folder: string): Promise<void> {
  await said(folder, async () => void (await mkdir(folder, { recursive: true })));
}

/**
 * Not `FileHandle.sync`: under Yarn's Plug'n'Play a handle is Yarn's own, which does not have it, while its descriptor is
 * the system's.
 */
const synchronise = promisify(fsync);

/** `folder` itself, or the nearest above it that is there. A file in its place fails later, with the system's reason. */
async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found === undefined && dirname(folder) !== folder ? nearestFolder(dirname(folder)) : folder;
}

type OutputPlace = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'stream' };

/** @throws {LowformerError} `unwritable-file` for a folder. */
async function outputPlace(path: string): Promise<OutputPlace> {
  const found = await stat(path).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return { kind: 'file', path };
  if (found.isDirectory()) {
    throw new LowformerError({ code: 'unwritable-file', where: path, expected: 'a file, but it is a folder' });
  }
  return found.isFile() ? { kind: 'file', path: await realpath(path) } : { kind: 'stream' };
}

/** Hidden, beside `path`. */
function temporaryPath(path: string): string {
  return join(dirname(path), temporaryName(`.${basename(path)}`));
}

/** Some folders, such as /proc, are there and take no files. */
function absence(path: string): string {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return `No file can be made in ${folder}.`;
}

/** What the system said of writing to `path`, as a user's mistake. */
function unwritable(path: string, cause: SystemError, left = 'Nothing was written.'): LowformerError {
  const reason = cause.code === 'ENOENT' ? absence(path) : writingReason(cause);
  const expected = 'a place that can be written to';
  const hint = `${reason} ${left}`;
  return new LowformerError({ code: 'unwritable-file', where: path, expected, hint, cause });
}
