/** Config files of each format, read into plain data. */
import { readFile } from 'node:fs/promises';
import { LowformerError } from '../core/errors.js';
import { notListening } from './interruption.js';
import { jsonError } from './json_error.js';

/** Reads the file at an absolute path; `id` is its name in messages. */
type ReadTree = (path: string, id: string) => Promise<unknown>;

/** By extension. */
export const CONFIG_FORMATS: ReadonlyMap<string, ReadTree> = new Map<string, ReadTree>([
  ['.ts', readModule],
  ['.js', readModule],
  ['.mjs', readModule],
  ['.json', readJson],
  ['.yaml', readYaml],
  ['.yml', readYaml],
]);

async function readJson(path: string, id: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    const mistake = jsonError(text);
    if (!(error instanceof SyntaxError) || mistake === undefined) throw error;
    const { line, column, expected, found } = mistake;
    const hint = /^[+-]?(?:NaN|Infinity)$/.test(found)
      ? 'JSON has no such number: write a large finite one, such as 1e8, or null.'
      : undefined;
    throw syntaxError(`${id}:${line}:${column}`, expected, {
      received: found,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** YAML 1.2, so `yes` and `no` are texts; with merge keys (`<<`). mmengine's tuples (`!!python/tuple`) are lists. */
async function readYaml(path: string, id: string): Promise<unknown> {
  const { isMap, isNode, isScalar, LineCounter, parseDocument, visit } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(await readText(path), {
    lineCounter: lines,
    merge: true,
    customTags: [{ tag: 'tag:yaml.org,2002:python/tuple', collection: 'seq', resolve: (list) => list }],
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const [{ line, col }] = problem.linePos ?? [{ line: 1, col: 1 }];
    throw syntaxError(
      `${id}:${line}:${col}`,
      `YAML: ${firstLine(problem.message.replace(/ at line \d+, column \d+:?/, ''))}`,
    );
  }
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key)) return;
      const { line, col } = lines.linePos((isNode(key) ? key.range?.[0] : undefined) ?? 0);
      throw syntaxError(`${id}:${line}:${col}`, `a plain key, not ${isMap(key) ? 'an object' : 'a list'}`, {
        hint: "mmengine's {{ }} templates are not filled in; a text that starts with a bracket needs quotes.",
      });
    },
  });
  try {
    return document.toJS();
  } catch (error) {
    throw syntaxError(id, `YAML: ${firstLine(errorText(error))}`);
  }
}

/** `export default` or `export const config`. The code of the file runs. */
async function readModule(path: string, id: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, interopDefault: false });
  let exported: unknown;
  try {
    exported = await notListening(() => jiti.import(path));
  } catch (error) {
    throw moduleError(error, path, id);
  }
  const exports = new Map<string, unknown>(Object.entries(typeof exported === 'object' ? (exported ?? {}) : {}));
  const name = ['default', 'config'].find((key) => exports.get(key) !== undefined);
  if (name !== undefined) return exports.get(name);
  const names = [...exports.keys()];
  const expected = `a default export or an export named 'config', but ${names.length === 0 ? 'there is no export' : `the exports are ${names.join(', ')}`}`;
  throw new LowformerError({ code: 'invalid-config', where: id, expected });
}

async function readText(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
}

function syntaxError(
  where: string,
  expected: string,
  more: { readonly received?: string; readonly hint?: string } = {},
): LowformerError {
  return new LowformerError({ code: 'unreadable-file', where, expected, ...more });
}

/** What running a config threw: the message alone, with the place where the code does not parse. */
function moduleError(error: unknown, path: string, id: string): LowformerError {
  const text = errorText(error);
  const [, message = '', file = '', place = ''] = /^ParseError: (.*?)\s*\n\s*(.+?):(\d+:\d+)\s*$/s.exec(text) ?? [];
  const [where, expected] =
    place === ''
      ? [id, `a config that runs, but it threw: ${firstLine(text)}`]
      : [`${file === path ? id : file}:${place}`, `code that parses, but: ${firstLine(message)}`];
  return new LowformerError({ code: 'unreadable-file', where, expected, cause: error });
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}
