/** What is not read of Python is said with its place, and nothing of it runs. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configReader } from '../../../../models/config/file.js';
import { resolveConfig } from '../../../../registry/config_merge.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lowformer-python-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), text);
  return name;
}
const resolve = (name: string) => resolveConfig(name, configReader({ shipped: new Map(), directory }));
const value = async (text: string) => (await resolve(write('a.py', text))).value;

describe('with line and column', () => {
  test.each([
    ['x = 1\nimport os\n', 'a.py:2:1: expected imports that name types of models alone', 'os'],
    ['from math import pi', 'a.py:1:1: expected imports that name types', 'math'],
    ['x = open("/etc/passwd")', 'a.py:1:5: expected a function that is read', 'open'],
    ['x = __import__("os").system("true")', 'a.py:1:5: expected a function that is read', '__import__'],
    ['x = (1).__class__', 'a.py:1:9: expected an attribute of an int', '__class__'],
    ['x = dict(a=1)\ny = x.a', 'a.py:2:7: expected an attribute of a dict', "asked as ['a']"],
    ['while True:\n    pass\n', 'a.py:1:1: expected variables, dict(), lists', 'while True:'],
    ['for i in range(3):\n    x = i\n', 'a.py:1:1: expected variables', 'for i in range(3):'],
    ['if True:\n    x = 1\n', 'a.py:1:1: expected variables', 'if True:'],
    ['def f():\n    return 1\n', 'a.py:1:1: expected variables', 'def f():'],
    ['class A:\n    pass\n', 'a.py:1:1: expected variables', 'class A:'],
    ['x = lambda: 1', 'a.py:1:5: expected variables', 'lambda: 1'],
    ['with open("x") as f:\n    pass', 'a.py:1:1: expected variables', 'with open'],
    ['x = {1, 2}', 'a.py:1:5: expected variables', '{1, 2}'],
    ["x = f'{1:.2f}'", 'a.py:1:7: expected variables', '{1:.2f}'],
    ["x = b'a'", 'a.py:1:5: expected variables', "b'a'"],
    ['x = 1 < 2 < 3', 'a.py:1:5: expected variables', '1 < 2 < 3'],
    ['x = not 1 and 2', "a.py:1:5: expected 'not' in parentheses", '(not a) and b'],
    ['x = a', 'a.py:1:5: expected a variable that has a value', "'a'"],
    ['width = 1\nx = [\n  widht]', 'a.py:3:3: expected a variable that has a value', "Did you mean 'width'?"],
    ['x = dict(a=1, a=2)', 'a.py:1:15: expected each keyword once', "'a'"],
    ["x = 'a' + 1", "a.py:1:5: expected values that '+' works on", 'a str + an int'],
    ['x = [1] + (2, )', "a.py:1:5: expected values that '+' works on", 'a list + a tuple'],
    ['x = 1 / 0', "a.py:1:5: expected values that '/' works on", 'an int / an int'],
    ['x = 2 ** 64', "a.py:1:5: expected values that '**' works on", 'exact'],
    ['x = dict(a=1)["b"]', 'a.py:1:5: expected a key that is there', "'b'"],
    ['x = [1][1]', 'a.py:1:5: expected an index into 1 items', '1'],
    ['a, b = 1, 2, 3', 'a.py:1:1: expected 2 values to unpack', '3'],
    ["x = 'a b,c'.split(sep=',')", 'a.py:1:5: expected 0 to 1 arguments, none by name', ''],
    ["x = 'a,b,c'.split(',', maxsplit=1)", 'a.py:1:5: expected 0 to 1 arguments, none by name', ''],
    ["x = 'ab'.startswith('b', 1)", 'a.py:1:5: expected 1 argument, none by name', ''],
    ["x = 'abc'.replace('', '-')", 'a.py:1:5: expected a text to replace', ''],
    ["x = 'aa'.replace('a', 'b', 1)", 'a.py:1:5: expected 2 arguments, none by name', ''],
    ['x = sum([1], begin=2)', "a.py:1:5: expected no argument beyond the items and 'start'", ''],
    ['x = list(zip([1], [2, 3], strict=True))', 'a.py:1:10: expected no named argument in zip()', ''],
    ['x = [1].push(2)', 'a.py:1:5: expected a method that is read of a list', "'push'"],
    ['x = dict(**3)', "a.py:1:12: expected a dict behind '**'", 'an int'],
    ['x = {{_base_.y}}', 'a.py, x: expected {{_base_.y}} to name a key of the bases', ''],
    ["x = '{{_base_.y}}/z'", 'a.py:1:5: expected a template that can be filled in', 'stands alone'],
    ["x = {{'$LOWFORMER_TEST_UNSET:'}}", 'a.py:1:5: expected a number', ''],
    ['x = range(3)', 'a.py, x: expected a value that a config can hold, not a range', 'list()'],
    ["x = float('inf')", 'a.py, x: expected plain data', 'Infinity'],
    ["_base_ = ['mmpretrain::a/b.py']", 'a.py:1:1: expected a base that is a file', 'mmpretrain::a/b.py'],
    ['_base_ = 3', 'a.py:1:1: expected a path, or a list of paths, for _base_', 'an int'],
    [
      'with read_base():\n    from mmdet.configs.x import *',
      'a.py:2:5: expected a base that is a file',
      'mmdet.configs.x',
    ],
    ['from mmdet.models import *', 'a.py:1:26: expected imports of other configs below', 'read_base'],
    ['_base_ = []\nwith read_base():\n    from .b import *', 'a.py:2:1: expected bases in one style', ''],
    ['import torch\nx = torch', 'a.py, x: expected a value that a config can hold, not the import torch', ''],
  ])('%j', async (text, start, part) => {
    const error = await value(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'LowformerError', code: 'invalid-config' });
    expect(String(error)).toContain(`LowformerError: ${start}`);
    expect(String(error)).toContain(part);
  });

  test.each([
    ['x = (1,\ny = 2', 'a.py:2:3: expected Python that parses but received'],
    ['x = $', "a.py:1:5: expected Python that parses but received '$'"],
    ["x = 1\ny = 'abc\n", "a.py:2:5: expected a text that ends in its quotes but received ''abc'"],
  ])('%j', async (text, message) => {
    const error = await value(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'LowformerError', code: 'unreadable-file' });
    expect(String(error)).toContain(message);
  });
});

describe('comes to an end', () => {
  const doubling = Array(60).fill('x = x + x').join('\n');
  test.each([
    ['x = [0] * 10**9', 'at most 500000 items'],
    ['x = list(range(10**12))', 'at most 500000 items'],
    ["x = 'a' * 10**9", 'at most 500000 items'],
    [`x = [1]\n${doubling}`, 'at most 500000 items'],
    [`x = 'ab'\n${doubling}`, 'at most 500000 items'],
    ['x = []\nx.append(x)', 'levels'],
    ["x = dict()\nx['x'] = x", 'levels'],
    [`x = ${'['.repeat(300)}${']'.repeat(300)}`, 'levels'],
    [`x = ${'1 + '.repeat(300)}1`, 'levels'],
    ["x = 'a' * 400000\ny = x.replace('a', x)", 'items'],
    ['x = 10**9**9', 'exact'],
  ])('%.60s', async (text, part) => {
    const error = await value(text).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'LowformerError', code: 'invalid-config' });
    expect(String(error)).toContain(part);
  });

  // The parser itself gives up first.
  test.each([
    `x = ${'['.repeat(3000)}${']'.repeat(3000)}`,
    `x = ${'1 + '.repeat(20_000)}1`,
    `x = ${'-'.repeat(20_000)}1`,
    `x = ${'a.'.repeat(20_000)}b`,
    `x = ${'dict(a='.repeat(20_000)}`,
    `x = ${'{{'.repeat(20_000)}`,
  ])('%.30s', async (text) => {
    await expect(value(text)).rejects.toMatchObject({ name: 'LowformerError' });
  });

  test('a file that is too large', async () => {
    await expect(value(`x = '${'a'.repeat(2 ** 20)}'`)).rejects.toMatchObject({ code: 'unreadable-file' });
  });

  test.each([
    ['one.py', '_base_ = "two.json"', 'two.json', '{"_base_": "one.py"}'],
    [
      'three.py',
      'with read_base():\n    from .four import *',
      'four.py',
      'with read_base():\n    from .three import *',
    ],
  ])('%s, a base of its own', async (first, text, second, other) => {
    write(first, text);
    write(second, other);
    await expect(resolve(first)).rejects.toThrow("a '_base_' that does not lead back to the file itself");
  });
});

describe('bases', () => {
  test('that are code are not run', async () => {
    const ran = join(directory, 'ran');
    write(
      'code.ts',
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(ran)}, ''); export default {};`,
    );
    await expect(value('_base_ = "code.ts"')).rejects.toThrow('a config that is data itself runs no code');
    expect(existsSync(ran)).toBe(false);
  });

  test('in the other style', async () => {
    write('named.py', '_base_ = []');
    await expect(value('with read_base():\n    from .named import *')).rejects.toThrow(
      "a.py:1:1: expected a base in the same style, 'read_base()', but './named.py' is one of '_base_'",
    );
  });

  test('that are not there, and names that they have not', async () => {
    await expect(value('_base_ = "gone.py"')).rejects.toMatchObject({ code: 'unreadable-file' });
    write('part.py', 'x = 1');
    await expect(value('with read_base():\n    from .part import y')).rejects.toThrow(
      "a.py:2:23: expected a variable of the base but received 'y'",
    );
  });

  test('a dict over what is none', async () => {
    write('list.py', 'x = dict(y=[1])');
    await expect(value('_base_ = "list.py"\nx = dict(y=dict(z=1))')).rejects.toThrow(
      'a.py, x.y: expected no dict over what is none in the base, or _delete_=True in it',
    );
    expect(await value('_base_ = "list.py"\nx = dict(y=dict(_delete_=True, z=1))')).toEqual({ x: { y: { z: 1 } } });
  });
});

test('line ends of Windows, a byte order mark, comments', async () => {
  expect(await value('\uFEFF# a\r\nx = dict(  # b\r\n    a=1.,\r\n)\r\n"""end"""\r\n')).toEqual({ x: { a: 1 } });
});

test('what the environment says', async () => {
  process.env.LOWFORMER_TEST_COUNT = '7';
  try {
    expect(await value("x = {{'$LOWFORMER_TEST_COUNT:80'}}\ny = 'a{{$LOWFORMER_TEST_COUNT:b}}'")).toEqual({
      x: 7,
      y: 'a7',
    });
  } finally {
    delete process.env.LOWFORMER_TEST_COUNT;
  }
});
