import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { checkWritable } from '../files/atomic_write.js';

/** Makes a folder and those above it. @throws {LowformerError} `unwritable-file`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

/**
 * Tries whether files can be written to a folder, made or not yet made, and leaves nothing behind: known before the long
 * work, not after it.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function checkFolder(folder: string): Promise<void> {
  try {
    await checkWritable(join(await existing(resolve(folder)), 'output'));
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

/** The folder itself, or the nearest above it that is there. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return existing(dirname(folder));
  if (found.isDirectory()) return folder;
  throw new LowformerError({ code: 'unwritable-file', where: folder, expected: 'a folder', hint: FILE });
}

const FILE = 'There is a file where a folder is needed.';

function unusable(folder: string, cause: unknown): LowformerError {
  const expected = 'a folder that can be made and written to';
  const told = cause instanceof LowformerError ? cause.parts.hint : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  const hint = told ?? (code === 'ENOTDIR' || code === 'EEXIST' ? FILE : `The system says: ${code}.`);
  return new LowformerError({ code: 'unwritable-file', where: folder, expected, hint, cause });
}
