import { describe, expect, test } from 'vitest';
import { categoryId, classIndex, stride } from '../../core/brands.js';
import { LowformerError, nearestName } from '../../core/errors.js';
import { elements, tensor } from '../../core/tensor.js';

describe('an error', () => {
  const parts = { code: 'invalid-config', where: 'model.neck.num_outs', expected: 'at least 3', received: 2 } as const;

  test('says where, what was expected, what was given and the way out', () => {
    const error = new LowformerError({ ...parts, hint: 'Raise num_outs.' });
    expect(error.message).toBe('model.neck.num_outs: expected at least 3 but received 2. Raise num_outs.');
    expect(error).toMatchObject({ name: 'LowformerError', code: 'invalid-config', path: 'model.neck.num_outs' });
  });

  test('keeps everything but the place when it is told from elsewhere', () => {
    const cause = new Error('below');
    const moved = new LowformerError({ ...parts, cause }).at('neck');
    expect(moved.message).toBe('neck: expected at least 3 but received 2');
    expect(moved.cause).toBe(cause);
  });

  test.each([
    ['text', "'text'"],
    [[1, 2], '[1,2]'],
    [{ a: null }, '{"a":null}'],
    [Number.NaN, 'NaN'],
    [() => 1, '() => 1'],
  ])('shows what was given as a person would write it: %j', (received, shown) => {
    expect(new LowformerError({ ...parts, received }).message).toContain(`but received ${shown}`);
  });

  test('cuts what is long', () => {
    const { message } = new LowformerError({ ...parts, received: 'x'.repeat(1000) });
    expect(message.length).toBeLessThan(300);
    expect(message.endsWith('...')).toBe(true);
  });
});

test.each([
  ['FNP', ['FPN', 'RetinaHead'], 'FPN'],
  ['retinahead', ['FPN', 'RetinaHead'], 'RetinaHead'],
  ['num_out', ['num_outs', 'out_channels'], 'num_outs'],
  ['something else', ['FPN', 'RetinaHead'], undefined],
  ['x', [], undefined],
])('the name nearest to %s of %j is %s', (given, known, nearest) => {
  expect(nearestName(given, known)).toBe(nearest);
});

describe('numbers with a meaning', () => {
  test.each([0, -4, 2.5, Number.NaN])('%d is no stride', (value) => {
    expect(() => stride(value)).toThrow('stride: expected a positive integer');
  });
  test.each([-1, 0.5])('%d is no class index', (value) => {
    expect(() => classIndex(value)).toThrow('classIndex: expected an integer of 0 or more');
  });
  test('and are plain numbers when they are right', () => {
    expect([stride(8), classIndex(0), categoryId(90)]).toEqual([8, 0, 90]);
  });
});

test('a tensor has as many elements as its shape says', () => {
  expect(elements([])).toBe(1);
  expect(elements([2, 0, 3])).toBe(0);
  expect(() => tensor([2, 3], new Float32Array(5))).toThrow('expected 6 elements for shape [2, 3] but received 5');
});
