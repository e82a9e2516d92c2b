import { describe, expect, test } from 'vitest';
import { originAt, originsOf, plainValue } from '../../registry/config_tree.js';
import { messageOf } from './config_cases.js';

describe('plainValue', () => {
  test('copies plain data', () => {
    const tree = { a: [1, 'x', null, { b: true }], 'c.d': {} };
    const copy = plainValue(tree, 'a.ts');
    expect(copy).toEqual(tree);
    expect(copy).not.toBe(tree);
  });

  test('a value that stands in two places is no cycle', () => {
    const shared = { type: 'BN' };
    expect(plainValue({ a: shared, b: [shared, shared] }, 'a.ts')).toEqual({ a: shared, b: [shared, shared] });
  });

  const PLAIN = 'expected plain data (objects, lists, strings, finite numbers, true, false, null), not';
  const loop: { inner: { back?: unknown } } = { inner: {} };
  loop.inner.back = loop;
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  const refused: readonly (readonly [name: string, tree: unknown, message: string])[] = [
    ['function', { model: { act: () => 1 } }, `a.ts, model.act: ${PLAIN} a function`],
    ['class instance', { a: [{ b: new Map() }] }, `a.ts, a.0.b: ${PLAIN} a Map`],
    ['date', { a: new Date(0) }, `a.ts, a: ${PLAIN} a Date`],
    ['typed array', { a: new Float32Array(1) }, `a.ts, a: ${PLAIN} a Float32Array`],
    ['undefined', { a: { b: undefined } }, `a.ts, a.b: ${PLAIN} undefined. Leave the key out, or write null.`],
    ['hole', { a: new Array(1) }, `a.ts, a.0: ${PLAIN} undefined. Leave the key out, or write null.`],
    ['NaN', { a: Number.NaN }, `a.ts, a: ${PLAIN} NaN. Write a large finite number, such as 1e8, or null.`],
    ['infinity', [-1 / 0], `a.ts, 0: ${PLAIN} -Infinity. Write a large finite number, such as 1e8, or null.`],
    ['bigint', { a: 1n }, `a.ts, a: ${PLAIN} a bigint`],
    ['symbol', { a: Symbol('s') }, `a.ts, a: ${PLAIN} a symbol`],
    ['class itself', Map, `a.ts: ${PLAIN} a function`],
    ['cycle', loop, `a.ts, inner.back: ${PLAIN} a value that contains itself`],
    ['depth', { deep }, `a.ts, deep.0.0: ${PLAIN} more than 100 levels`],
    ['prototype', JSON.parse('{"a": {"__proto__": {}}}'), `a.ts, a: ${PLAIN} the key '__proto__'`],
  ];
  test.each(refused)('refuses: %s', (_, tree, message) => {
    expect(messageOf(() => plainValue(tree, 'a.ts'))).toBe(message);
  });
});

describe('originAt', () => {
  const origins = {
    origin: 'whole',
    children: new Map([
      ['model', { origin: 'm', children: new Map([['neck', originsOf({ a: 1 }, 'n')]]) }],
      ['a', originsOf({ b: 1 }, 'one')],
      ['a.b', originsOf(2, 'dotted')],
    ]),
  };
  test.each([
    ['model', 'm'],
    ['model.neck.a', 'n'],
    ['model.neck.missing.deeper', 'n'],
    ['model.missing', 'm'],
    ['missing', 'whole'],
    ['a.b', 'dotted'],
    ['a.c', 'one'],
    ['models', 'whole'],
  ])('%s from %s', (path, origin) => {
    expect(originAt(origins, path)).toBe(origin);
  });
});
