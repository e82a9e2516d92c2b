import { LowformerError } from '../../../core/errors.js';

/** A config as a page has it: the name of a shipped one, or a file, with the other files that its `_base_` may name. */
export interface ConfigSource {
  readonly name: string;
  /** By file name, each as parsed from JSON. */
  readonly files: Readonly<Record<string, unknown>>;
}

/** Four times the largest config seen. */
const MOST_BYTES = 8 * 2 ** 20;

/** @throws {LowformerError} `unreadable-file` for text that is no JSON, or too much. */
export async function readConfigFile(file: File): Promise<unknown> {
  if (file.size > MOST_BYTES) {
    const hint = `It has ${file.size} bytes, and at most ${MOST_BYTES} are read.`;
    throw new LowformerError({ code: 'unreadable-file', where: file.name, expected: 'a config as JSON', hint });
  }
  try {
    return JSON.parse((await file.text()).replace(/^\uFEFF/, ''));
  } catch (error) {
    const hint = error instanceof Error ? `${error.message}.` : String(error);
    throw new LowformerError({ code: 'unreadable-file', where: file.name, expected: 'a config as JSON', hint });
  }
}
