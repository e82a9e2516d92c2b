import { expect, test } from 'vitest';
import { atSize } from '../../tools/at_size.js';
import { detection } from '../drawing/pictures.js';

const found = [{ ...detection([10, 20, 30, 60], 3, 'cat'), trackId: 5 }];

test('boxes shrink with their picture, each way by its own share; the rest of a detection stays', () => {
  expect(atSize(found, { width: 100, height: 80 }, { width: 50, height: 20 })).toEqual([
    { ...found[0], box: [5, 5, 15, 15] },
  ]);
  expect(found[0]?.box).toEqual([10, 20, 30, 60]);
});

test('at the same size they are those that were given', () => {
  expect(atSize(found, { width: 100, height: 80 }, { width: 100, height: 80 })).toBe(found);
});
