import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { LowformerError, nearestName } from '../../../core/errors.js';
import type { ConfigReader } from '../../../registry/config_merge.js';

/** A config as a page has it: the name of a shipped one, or a file, with the other files that its `_base_` may name. */
export interface ConfigSource {
  readonly name: string;
  /** By file name, each as parsed from JSON. */
  readonly files: Readonly<Record<string, unknown>>;
}

/** Finds configs among the files that were dropped, by their names without folders, and among the shipped ones. */
export function configReader(files: ConfigSource['files']): ConfigReader {
  const known = new Map<string, unknown>([...Object.entries(SHIPPED_CONFIGS), ...Object.entries(files)]);
  return {
    async read(reference, from) {
      const name = known.has(reference) ? reference : fileName(reference);
      if (known.has(name)) return { id: name, tree: known.get(name) };
      const near = nearestName(name, [...known.keys()]);
      throw new LowformerError({
        code: 'unreadable-file',
        where: from === undefined ? 'config' : `${from}, _base_`,
        expected: 'a config among the files given here, or the name of a shipped one',
        received: reference,
        hint:
          near === undefined
            ? 'Give all its files together, or one that holds everything: npx lowformer config print CONFIG --json config.json'
            : `Did you mean '${near}'?`,
      });
    },
  };
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

export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
