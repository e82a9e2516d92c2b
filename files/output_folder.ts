import { join } from 'node:path';
import { LowformerError } from '../core/errors.js';
import { checkWritable } from './atomic_write.js';

/**
 * Tries whether files can be written to a folder, made or not yet made, and leaves nothing behind: known before the long
 * work, not after it. Writing makes the folder.
 * @throws {LowformerError} `unwritable-file`.
 */
export async function checkFolder(folder: string): Promise<void> {
  try {
    await checkWritable(join(folder, 'output'));
  } catch (cause) {
    if (!(cause instanceof LowformerError)) throw cause;
    const expected = 'a folder that can be made and written to';
    throw new LowformerError({ ...cause.parts, where: folder, expected });
  }
}
