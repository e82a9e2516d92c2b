/** Text files whose words become names of classes: a letter that is guessed would make another class of it. */
import { LowformerError } from '../core/errors.js';
import { readBytes } from './files.js';

/**
 * A file's text, without a byte order mark.
 * @param expected what the file should be, for messages.
 * @throws {LowformerError} `unreadable-file` for what is missing, or no UTF-8.
 */
export async function readUtf8(file: string, expected: string): Promise<string> {
  const bytes = await readBytes(file, expected);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const hint = 'It is no UTF-8: save it as that, or names with other letters would change.';
    throw new LowformerError({ code: 'unreadable-file', where: file, expected, hint, cause });
  }
}
