/** Config files of each format, read into plain data. */
import { LowformerError } from '../../core/errors.js';
import { readRegularFile } from '../../files/regular_file.js';
import type { GivenConfig } from '../../registry/config_merge.js';
import { runConfig } from './code.js';
import { jsonError } from './json_error.js';
import { readPythonConfig } from './python/read.js';
import { parseYaml } from './yaml.js';

export interface ConfigFormat {
  /** Whether reading it runs it. */
  readonly isCode: boolean;
  /** Reads the file at an absolute path; `id` is its name in messages. */
  readonly read: (path: string, id: string) => Promise<GivenConfig>;
}

/** Bytes: four times the largest config seen, and read in about a second. YAML takes ten times as long as JSON. */
const MOST_BYTES = { json: 8 * 2 ** 20, yaml: 2 ** 19, python: 2 ** 20 };

const CODE: ConfigFormat = { isCode: true, read: async (path, id) => ({ id, tree: await runConfig(path, id) }) };
const JSON_TEXT: ConfigFormat = { isCode: false, read: async (path, id) => ({ id, tree: await readJson(path, id) }) };
const YAML_TEXT: ConfigFormat = {
  isCode: false,
  read: async (path, id) => ({ id, tree: await parseYaml(await readText(path, id, MOST_BYTES.yaml), id) }),
};
/** Python's syntax alone: nothing of it runs. */
const PYTHON_TEXT: ConfigFormat = {
  isCode: false,
  read: async (path, id) => ({
    id,
    heir: await readPythonConfig(await readText(path, id, MOST_BYTES.python), path, id),
  }),
};

/** By extension. */
export const CONFIG_FORMATS: ReadonlyMap<string, ConfigFormat> = new Map([
  ['.ts', CODE],
  ['.js', CODE],
  ['.mjs', CODE],
  ['.json', JSON_TEXT],
  ['.yaml', YAML_TEXT],
  ['.yml', YAML_TEXT],
  ['.py', PYTHON_TEXT],
]);

async function readJson(path: string, id: string): Promise<unknown> {
  const text = await readText(path, id, MOST_BYTES.json);
  try {
    return JSON.parse(text);
  } catch (error) {
    const mistake = jsonError(text);
    if (!(error instanceof SyntaxError) || mistake === undefined) throw error;
    const { line, column, expected, found } = mistake;
    const hint = /^[+-]?(?:NaN|Infinity)$/.test(found)
      ? 'JSON has no such number: write a large finite one, such as 1e8, or null.'
      : undefined;
    throw new LowformerError({
      code: 'unreadable-file',
      where: `${id}:${line}:${column}`,
      expected,
      received: found,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

async function readText(path: string, id: string, mostBytes: number): Promise<string> {
  const bytes = await readRegularFile(path, { expected: 'a config file', name: id }, mostBytes);
  return new TextDecoder().decode(bytes);
}
