import { expect, test } from 'vitest';
import { openTogether } from '../../../measuring/networks/fits.js';

test('all together where they fit', () => {
  expect(openTogether([10, 20, 30], 100)).toEqual([[0, 1, 2]]);
  expect(openTogether([10], 1)).toEqual([[0]]);
});

test('else the first beside each of the others', () => {
  expect(openTogether([10, 20, 30, 40], 100)).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
  expect(openTogether([60, 60], 100), 'two are always compared').toEqual([[0, 1]]);
});
