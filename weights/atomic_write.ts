import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LowformerError } from '../core/errors.js';

/**
 * Writes `path` as a whole or not at all: `write` fills a new file with a temporary name in the same folder, which
 * takes the place of `path` at the end. When anything fails, the temporary file is removed and what stood at `path`
 * is untouched.
 * @throws {LowformerError} `unwritable-file` when the system refuses.
 */
export async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new LowformerError({
      code: 'unwritable-file',
      where: path,
      expected: 'a place that can be written to',
      received: cause.message,
      hint: 'Nothing was written.',
      cause,
    });
  }
}
