import { expect, test } from 'vitest';
import { boxAround } from '../../geometry/box_around.js';

test('around points in any order, and around one', () => {
  expect(boxAround([5, -2, 1.5, 7, 3, 3])).toEqual([1.5, -2, 3.5, 9]);
  expect(boxAround([4, 6])).toEqual([4, 6, 0, 0]);
});
