import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configReader } from '../../../models/config/file.js';
import { resolveConfig } from '../../../registry/config_merge.js';
import { originAt } from '../../../registry/config_tree.js';
import { needs } from '../../needs.js';

const fixtures = fileURLToPath(new URL('../../fixtures/configs/', import.meta.url));
const shipped = new Map<string, unknown>([['retinanet_b0', { model: { type: 'RetinaNet' }, metainfo: null }]]);
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lowformer-config-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), text);
  return name;
}
const resolve = (reference: string) => resolveConfig(reference, configReader({ shipped, directory }));

describe('formats', () => {
  test.each([
    ['plain.json', '\uFEFF{"a": [1, null]}', { a: [1, null] }],
    ['plain.yaml', 'a:\n  - 1\n  - null # a comment\nyes: no\n', { a: [1, null], yes: 'no' }],
    ['anchors.yml', 'x: &x {b: 1}\na: [*x, *x]\n', { x: { b: 1 }, a: [{ b: 1 }, { b: 1 }] }],
    ['merged.yml', 'x: &x {b: 1, c: 2}\na: {<<: *x, c: 3}\n', { x: { b: 1, c: 2 }, a: { b: 1, c: 3 } }],
    ['typed.ts', 'interface A { readonly a: number }\nexport default { a: 1 } satisfies A;', { a: 1 }],
    ['named.ts', 'export const config = { a: 1 };\nexport const other = 2;', { a: 1 }],
    ['module.js', 'export default { a: 1 };', { a: 1 }],
    ['module.mjs', 'export default { a: 1 };', { a: 1 }],
    ['common.js', 'module.exports = { a: 1 };', { a: 1 }],
    ['UPPER.JSON', '{"a": 1}', { a: 1 }],
    ['mmengine.py', 'b = 2\na = dict(b=b / 4, c=(1, None))', { b: 2, a: { b: 0.5, c: [1, null] } }],
  ])('%s', async (name, text, value) => {
    expect((await resolve(write(name, text))).value).toEqual(value);
  });

  test('a .ts config imports another file', async () => {
    write('part.ts', 'export const width: number = 3;');
    write('whole.ts', "import { width } from './part.js';\nexport default { width };");
    expect((await resolve('whole.ts')).value).toEqual({ width: 3 });
  });

  test('a .ts config that changed is read anew', async () => {
    expect((await resolve(write('changing.ts', 'export default { a: 1 };'))).value).toEqual({ a: 1 });
    expect((await resolve(write('changing.ts', 'export default { a: 2 };'))).value).toEqual({ a: 2 });
  });

  test("mmengine's dump is the same as JSON and as YAML", async () => {
    const reader = configReader({ shipped, directory: fixtures });
    const json = await resolveConfig('dumped.json', reader);
    expect((await resolveConfig('dumped.yaml', reader)).value).toEqual(json.value);
    expect(json.value).toHaveProperty('METAINFO', {
      classes: ['red cell', 'white cell', 'platelet'],
      palette: [
        [220, 20, 60],
        [119, 11, 32],
        [0, 0, 142],
      ],
    });
  });
});

test('aliases that multiply without end are refused', async () => {
  const levels = [...'bcdefghij'].map(
    (name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[i]}`).join(', ')}]`,
  );
  await expect(resolve(write('laughs.yaml', `a: &a [1]\n${levels.join('\n')}`))).rejects.toThrow(
    'laughs.yaml: expected YAML whose aliases unfold to at most 500000 values',
  );
});

describe('bases', () => {
  test('are found beside the file that names them, and among the shipped configs', async () => {
    write('bases/model.json', '{"_base_": "../retinanet.yaml", "model": {"neck": "FPN"}}');
    write('retinanet.yaml', '_base_: retinanet_b0\nload_from: x.pth\n');
    write('inner/config.ts', "export default { _base_: ['../bases/model.json'], test_pipeline: [] };");
    const { value, origins, sources } = await resolve('inner/config.ts');
    expect(value).toEqual({
      model: { type: 'RetinaNet', neck: 'FPN' },
      metainfo: null,
      load_from: 'x.pth',
      test_pipeline: [],
    });
    expect(sources).toEqual([
      'retinanet_b0',
      'retinanet.yaml',
      join('bases', 'model.json'),
      join('inner', 'config.ts'),
    ]);
    expect(originAt(origins, 'model.type')).toBe('retinanet_b0');
  });

  test('as files merged by mmengine', async () => {
    const reader = configReader({ shipped, directory: fixtures });
    const expected = JSON.parse(readFileSync(join(fixtures, 'merge/expected.json'), 'utf8'));
    expect((await resolveConfig('merge/small.json', reader)).value).toEqual(expected.small);
  });

  test('a file outside the working directory goes by its whole path', async () => {
    const path = join(directory, write('outside.json', '{}'));
    const { sources } = await resolveConfig(path, configReader({ shipped, directory: fixtures }));
    expect(sources).toEqual([path]);
  });

  test('a cycle by different spellings of one path', async () => {
    write('one.json', '{"_base_": "./two.json"}');
    write('two.json', '{"_base_": "bases/../one.json"}');
    await expect(resolve('one.json')).rejects.toThrow(
      "two.json: expected a '_base_' that does not lead back to the file itself but received 'one.json -> two.json -> one.json'",
    );
  });
});

describe('errors', () => {
  const FORMATS = '.ts .js .mjs .json .yaml .yml .py';
  const EXISTS = `expected a config file that exists (${FORMATS}) or the name of a shipped config but received`;
  const PLAIN = 'expected plain data (objects, lists, strings, finite numbers, true, false, null), not';

  beforeAll(() => {
    write('folder/detector.json', '{}');
    write('folder/notes.txt', '');
    mkdirSync(join(directory, 'empty'));
    symlinkSync('loop.json', join(directory, 'loop.json'));
    write('weights.pth', '');
  });

  test.each([
    ['retinanet_b1', `config: ${EXISTS} 'retinanet_b1'. Did you mean 'retinanet_b0'?`],
    ['folder/detectro.json', `config: ${EXISTS} 'folder/detectro.json'. Did you mean 'folder/detector.json'?`],
    ['folder/detector', `config: ${EXISTS} 'folder/detector'. Did you mean 'folder/detector.json'?`],
    [
      'nowhere/a_very_different_name',
      `config: ${EXISTS} 'nowhere/a_very_different_name'. 'lowformer config list' names the shipped configs.`,
    ],
    [
      'folder/detector.json/x.json',
      `config: ${EXISTS} 'folder/detector.json/x.json'. 'lowformer config list' names the shipped configs.`,
    ],
    ['folder', 'folder: expected a config file, but it is a directory. It holds detector.json.'],
    ['empty', 'empty: expected a config file, but it is a directory. There is no config in it.'],
    ['weights.pth', `weights.pth: expected a config in one of the formats ${FORMATS} but received '.pth'`],
    ['loop.json', 'loop.json: expected a config file. Its links lead in a circle.'],
  ])('%s', async (reference, message) => {
    await expect(resolve(reference)).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'unreadable-file',
      message,
    });
  });

  test('Python that is more than a config', async () => {
    const error = await resolve(write('configs/retinanet.py', 'model = dict()\nimport os\n')).catch(String);
    expect(error).toMatch(`LowformerError: ${join('configs', 'retinanet.py')}:2:1: expected imports that name types`);
    expect(error).toContain(
      "received 'os'. No Python is run to read a config. mmengine, which runs it, writes it as data:",
    );
  });

  test('a base that is not there', async () => {
    write('orphan.json', '{"_base_": "folder/detectors.json"}');
    await expect(resolve('orphan.json')).rejects.toThrow(
      `orphan.json, _base_: ${EXISTS} 'folder/detectors.json'. Did you mean 'folder/detector.json'?`,
    );
  });

  test('a file that may not be read', needs('notRoot', process.getuid?.() !== 0), async () => {
    chmodSync(join(directory, write('secret.json', '{}')), 0);
    await expect(resolve('secret.json')).rejects.toThrow(
      'secret.json: expected a config file. Reading it is not permitted.',
    );
  });

  const NUMBER = 'JSON has no such number: write a large finite one, such as 1e8, or null.';
  test.each([
    ['a.json', '', ":1:1: expected a JSON value but received 'the end of the file'"],
    ['a.json', '{"a": 1,\n  "b" 2}', ":2:7: expected ':' but received '2'"],
    ['a.json', '{"a": [1, 2,]}', ":1:13: expected a JSON value but received ']'"],
    ['a.json', '{"a": 1 "b": 2}', ":1:9: expected ',' or '}' but received '\"'"],
    ['a.json', "{'a': 1}", ":1:2: expected a key in double quotes but received '''"],
    ['a.json', '{"a": 1}\n\n{', ":3:1: expected the end of the file but received '{'"],
    ['a.json', '{"a": tru}', ":1:7: expected a JSON value but received 'tru'"],
    ['a.json', '{"a": 01}', ":1:7: expected a JSON value but received '01'"],
    [
      'a.json',
      '{"a": "x\ny"}',
      ":1:7: expected a text that ends in double quotes on its line, with valid escapes but received '\"'",
    ],
    ['a.json', '{"a": {{_base_.b}}}', ":1:8: expected a key in double quotes but received '{'"],
    ['a.json', '{"lr": NaN}', `:1:8: expected a JSON value but received 'NaN'. ${NUMBER}`],
    ['a.json', '{"lr": -Infinity}', `:1:8: expected a JSON value but received '-Infinity'. ${NUMBER}`],
    ['a.yaml', 'a: 1\na: 2\n', ":2:1: expected each key once but received 'a'"],
    [
      'a.yaml',
      'a: [1, 2\nb: 3',
      ':2:1: expected YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a.yaml', 'a: !!python/object:x.Y {}', ':1:4: expected YAML: Unresolved tag: tag:yaml.org,2002:python/object:x.Y'],
    [
      'a.yaml',
      '---\na: 1\n---\nb: 2',
      ':3:1: expected YAML: Source contains multiple documents; please use YAML.parseAllDocuments()',
    ],
    ['a.yaml', 'a: &x {b: *x}', ":1:11: expected an anchor '&x' that ends before it is used"],
    ['a.yaml', 'a: *x', ":1:4: expected an anchor '&x' that ends before it is used"],
    [
      'a.yaml',
      'a: {{ _base_.b }}',
      ":1:5: expected a plain key, not an object. mmengine's {{ }} templates are not filled in; a text that starts with a bracket needs quotes.",
    ],
    [
      'throws.ts',
      "throw new Error('no weights here\\nsecond line');",
      ': expected a config that runs, but it threw: no weights here',
    ],
    ['throws.ts', "throw 'a text';", ': expected a config that runs, but it threw: a text'],
    [
      'throws.ts',
      "import x from './missing.js';\nexport default x;",
      ": expected a config that runs, but it threw: Cannot find module './missing.js'",
    ],
    ['broken.ts', 'export default {\n  model: {,\n};\n', ':2:10: expected code that parses, but: Unexpected token'],
  ])('malformed %s: %s', async (name, text, message) => {
    await expect(resolve(write(name, text))).rejects.toMatchObject({
      name: 'LowformerError',
      code: 'unreadable-file',
      message: `${name}${message}`,
    });
  });

  test.each([
    ['a.yaml', '', ': expected an object of config keys but received null'],
    ['a.json', '[1]', ': expected an object of config keys but received [1]'],
    ['a.yaml', 'a: .inf', `, a: ${PLAIN} Infinity. Write a large finite number, such as 1e8, or null.`],
    ['a.js', 'const a = {}; export default { b: [a] }; a.c = a;', `, b.0.c: ${PLAIN} a value that contains itself`],
    ['f.ts', 'export default () => ({});', `: ${PLAIN} a function`],
    ['g.ts', 'export default { model: { act: Math.max } };', `, model.act: ${PLAIN} a function`],
    [
      'h.ts',
      'export const a = 1, b = 2;',
      ": expected a default export or an export named 'config', but the exports are a, b",
    ],
    ['i.ts', 'const a = 1;', ": expected a default export or an export named 'config', but there is no export"],
  ])('no config in %s: %s', async (name, text, message) => {
    await expect(resolve(write(name, text))).rejects.toMatchObject({
      code: 'invalid-config',
      message: `${name}${message}`,
    });
  });
});
