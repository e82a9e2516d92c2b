import { LowformerError } from '../core/errors.js';

/** Four times the largest config seen. */
const MOST_BYTES = 8 * 2 ** 20;

/**
 * A config's JSON, parsed; what it says is checked when it is opened.
 * @throws {LowformerError} `unreadable-file` for text that is no JSON, or too much.
 */
export async function readConfigBlob(name: string, file: Blob): Promise<unknown> {
  const expected = 'a config as JSON';
  if (file.size > MOST_BYTES) {
    const hint = `It has ${file.size} bytes, and at most ${MOST_BYTES} are read.`;
    throw new LowformerError({ code: 'unreadable-file', where: name, expected, hint });
  }
  try {
    return JSON.parse((await file.text()).replace(/^\uFEFF/, ''));
  } catch (error) {
    const hint = error instanceof Error ? `${error.message}.` : String(error);
    throw new LowformerError({ code: 'unreadable-file', where: name, expected, hint });
  }
}
