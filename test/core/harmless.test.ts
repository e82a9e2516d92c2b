import { describe, expect, test } from 'vitest';
import { LowformerError, nearestName } from '../../core/errors.js';
import { cutEnd, cutMiddle, harmless, harmlessLines, shown } from '../../core/harmless.js';

test.each([
  ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u009b2J', '\\x9b2J'],
  ['ab\u202etxt.exe', 'ab\\u202etxt.exe'],
  ['half \ud83d', 'half \\ud83d'],
  ['トマト, עגבנייה, طماطم, 🍅', 'トマト, עגבנייה, طماطم, 🍅'],
])('%j reaches a terminal as %s', (text, plain) => {
  expect(harmless(text)).toBe(plain);
});

test('lines stay lines where they are meant', () => {
  expect(harmlessLines('a\x07\nb')).toBe('a\\x07\nb');
});

test('what is cut says so', () => {
  expect(cutEnd('abcdef', 6)).toBe('abcdef');
  expect(cutEnd('abcdef', 4)).toBe('abcd… (2 more characters)');
  expect(cutMiddle('/a/long/path/to/file.png', 13)).toBe('/a/lo...e.png');
});

describe('a value in a message', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['text', "'text'"],
    [Number.NaN, 'NaN'],
    [9223372036854775807n, '9223372036854775807'],
    [[1, [2, 'x']], '[1,[2,"x"]]'],
    [{ a: null, b: [] }, '{"a":null,"b":[]}'],
    [new Float32Array(3), 'Float32Array of 12 bytes'],
    [new Map(), '{"Map": "..."}'],
    ['\x1b]0;title\x07', "'\\x1b]0;title\\x07'"],
    [{ '\x1b[2J': '\x07' }, '{"\\\\x1b[2J":"\\\\x07"}'],
  ])('$1', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  test('of any depth is cut', () => {
    const deep: unknown[] = [];
    let inner = deep;
    for (let i = 0; i < 100_000; i++) {
      const next: unknown[] = [];
      inner.push(next);
      inner = next;
    }
    expect(shown(deep)).toBe('[[[[[[...]]]]]]');
  });

  test('of any size is cut, and no more of it is read than is shown', () => {
    let read = 0;
    const list = new Proxy(new Array(1e6).fill(7), {
      get(target, key, receiver) {
        read++;
        return Reflect.get(target, key, receiver);
      },
    });
    expect(shown(list)).toMatch(/^\[7,7,.*\.\.\.$/);
    expect(shown(list).length).toBeLessThanOrEqual(200);
    expect(read).toBeLessThan(2000);
    expect(shown('x'.repeat(5e6))).toHaveLength(200);
  });

  test('that holds itself, or runs code when read, is shown all the same', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(shown(loop)).toMatch(/^\{"self":\{"self":/);
    const trap = {
      get inner(): never {
        throw new Error('read');
      },
    };
    expect(shown(trap)).toBe('{"inner":"..."}');
  });
});

test('a message has bounds, whatever its parts', () => {
  const long = '/very/long'.repeat(60_000);
  const error = new LowformerError({
    code: 'invalid-argument',
    where: long,
    expected: long,
    received: long,
    hint: long,
  });
  expect(error.message.length).toBeLessThan(9000);
  expect(nearestName(long, ['/very/long'])).toBeUndefined();
});

test('names in a message cannot give the terminal orders', () => {
  const where = 'pic\x1b[31m\n.png';
  const { message } = new LowformerError({
    code: 'unreadable-image',
    where,
    expected: 'a picture',
    hint: 'See\nbelow',
  });
  expect(message).toBe('pic\\x1b[31m\\n.png: expected a picture. See\nbelow');
});
