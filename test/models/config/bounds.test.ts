/** Configs that ask for more time and memory than there is, or for more than data may. Each is one message, in a moment. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configReader } from '../../../models/config/file.js';
import { resolveConfig } from '../../../registry/config_merge.js';
import { COMMAND, lowformer, temporaryFolder } from '../../tools/command_line.js';
import { expectMistake } from '../../tools/tiny_models.js';
import { failure } from '../../weights/fixtures.js';

const directory = temporaryFolder();
const resolve = (reference: string) => resolveConfig(reference, configReader({ shipped: new Map(), directory }));
function write(name: string, content: string): string {
  writeFileSync(join(directory, name), content);
  return name;
}

const MOMENT = 4000;

// All the steps that are allowed are taken, which is seconds.
describe('Python that goes on and on', () => {
  const nested = Array.from({ length: 40 }, (_, i) => `a${i + 1} = [a${i}, a${i}]`).join('\n');
  test.each([`a0 = [1]\n${nested}`, 'x = [i * j for i in range(5000) for j in range(5000)]'])('%.60s', async (text) => {
    expect(await failure(() => resolve(write('steps.py', text)))).toMatch(/steps\.py.* steps/);
  });
});

describe('data that unfolds, or goes deep', () => {
  const letters = [...'abcdefghijklmnopqrstu'];
  const merged = letters.map((name, i) => {
    const below = letters[i - 1];
    const many = below === undefined ? 'k: 0' : `<<: [${Array(9).fill(`*${below}`).join(',')}]`;
    return `${name}: &${name} {${many}, k${i}: 1}`;
  });

  test.each([
    ['merged.yaml', merged.join('\n'), 'merged.yaml: expected YAML whose aliases unfold to at most 500000 values'],
    ['aliases.yaml', `x: &x 1\ny:\n${'- *x\n'.repeat(2000)}`, 'aliases.yaml: expected YAML with at most 1000 aliases'],
    ['deep.yaml', `a: ${'['.repeat(100_000)}`, 'deep.yaml: expected YAML of at most 100 levels'],
    ['hidden.yaml', `a: ${'[ # ]\n '.repeat(50_000)}`, 'hidden.yaml: expected YAML of at most 100 levels'],
    ['dashes.yaml', `a:\n  ${'- '.repeat(50_000)}x`, 'dashes.yaml: expected YAML of at most 100 levels'],
    ['large.yaml', `a: ${'x'.repeat(600_000)}`, 'at most 524288 are read'],
    ['large.json', `"${'x'.repeat(9 * 2 ** 20)}"`, 'at most 8388608 are read'],
    ['deep.json', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'not more than 100 levels'],
    ['open.json', '['.repeat(100_000), 'open.json:1:1002: expected at most 1000 levels'],
    ['many.json', JSON.stringify({ a: Array(600_000).fill(0) }), 'not more than 500000 values'],
    [
      'shared.mjs',
      'let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; export default { a };',
      'not more than 500000 values',
    ],
  ])('%s', async (name, content, message) => {
    write(name, content);
    const start = performance.now();
    const told = await failure(() => resolve(name));
    expect(told).toContain(message);
    expect(told.length).toBeLessThan(1000);
    expect(performance.now() - start).toBeLessThan(MOMENT);
  });

  test('twenty thousand names, and a hundred uses of one', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `  name ${i}: ${i}\n`).join('');
    const start = performance.now();
    const { value } = await resolve(write('names.yaml', `names:\n${names}x: &x {b: [1]}\ny:\n${'- *x\n'.repeat(200)}`));
    expect(performance.now() - start).toBeLessThan(MOMENT);
    expect(value.names).toHaveProperty('name 19999', 19999);
    expect(value.y).toEqual(Array(200).fill({ b: [1] }));
  });
});

describe('bases', () => {
  test('each file is read once, however many name it', async () => {
    for (let i = 0; i < 30; i++) write(`d${i}.json`, `{"_base_": ["d${i + 1}.json", "./d${i + 1}.json"]}`);
    write('d30.json', '{}');
    const { value, sources } = await resolve('d0.json');
    expect(value).toEqual({});
    expect(sources).toHaveLength(31);
  });

  test('a key from a base that is reached twice is still set by two bases', async () => {
    write('left.json', '{"_base_": "key.json"}');
    write('right.json', '{"_base_": "key.json"}');
    write('key.json', '{"a": 1}');
    write('both.json', '{"_base_": ["left.json", "right.json"]}');
    expect(await failure(() => resolve('both.json'))).toContain("'left.json' and 'right.json' both set 'a'");
  });

  test('files that name each other twice', async () => {
    for (let i = 0; i < 31; i++) write(`c${i}.json`, `{"_base_": ["c${(i + 1) % 31}.json", "c${(i + 1) % 31}.json"]}`);
    expect(await failure(() => resolve('c0.json'))).toContain("a '_base_' that does not lead back to the file itself");
  });

  test('a chain without end', async () => {
    for (let i = 0; i < 600; i++) write(`e${i}.json`, `{"_base_": "e${i + 1}.json"}`);
    expect(await failure(() => resolve('e0.json'))).toContain('a config of at most 500 files');
  });
});

describe('data runs nothing', () => {
  const marks = join(directory, 'ran.txt');
  write(
    'evil.mjs',
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(marks)}, 'x');\nexport default { a: 1 };`,
  );

  test.each([
    ['exec.json', '{"_base_": "evil.mjs"}'],
    ['exec.yaml', '_base_: [./evil.mjs]'],
    ['through.mjs', "export default { _base_: 'exec.json' };"],
  ])('%s names code', async (name, content) => {
    write(name, content);
    write('exec.json', '{"_base_": "evil.mjs"}');
    const told = await failure(() => resolve(name));
    expect(told).toMatch(/^invalid-config: exec\.(json|yaml), _base_: .+ a config that is data itself runs no code/);
    expect(told).toContain('lowformer config print');
    expect(existsSync(marks)).toBe(false);
  });

  test('a config that is code may name code, which runs once', async () => {
    write('code.mjs', "export default { _base_: ['again.mjs', 'evil.mjs'] };");
    write('again.mjs', "export default { _base_: 'plain.json' };");
    write('plain.json', '{"b": 2}');
    expect((await resolve('code.mjs')).value).toEqual({ a: 1, b: 2 });
    expect(readFileSync(marks, 'utf8')).toBe('x');
  });
});

describe('special files and code that does not end', () => {
  test.runIf(process.platform !== 'win32').each(['pipe.json', 'pipe.yaml', 'pipe.ts'])('%s', async (name) => {
    execFileSync('mkfifo', [join(directory, name)]);
    expect(await failure(() => resolve(name))).toContain(`${name}: expected a config file. It is a pipe`);
  });

  test('escape codes in what a config throws', async () => {
    write('escapes.mjs', 'throw new Error("\\x1b]0;title\\x07\\x1b[31mred")');
    expect(await failure(() => resolve('escapes.mjs'))).toContain('it threw: \\x1b]0;title\\x07\\x1b[31mred');
  });

  test('an await that never comes back', async () => {
    write('never.mjs', 'await new Promise(() => {});\nexport default {};');
    expect(expectMistake(await lowformer(['inspect', 'never.mjs'], { cwd: directory }))).toBe(
      "never.mjs: expected a config that comes to an end, but it waits ('await') for what never comes",
    );
  });

  test.runIf(process.platform !== 'win32')('a loop that never ends is ended by the first Ctrl-C', async () => {
    write('loop.mjs', "process.stderr.write('running\\n');\nfor (;;) {}");
    const child = spawn(process.execPath, [COMMAND, 'inspect', 'loop.mjs'], { cwd: directory });
    child.stderr.once('data', () => child.kill('SIGINT'));
    const signal = await new Promise((done) => child.once('exit', (_, name) => done(name)));
    expect(signal).toBe('SIGINT');
  });
});
