import { expect, it } from 'vitest';
import { confusedPairs } from '../../../analysis/detection/confused_pairs.js';

it('lists what is taken for what, most first, without what is right, missed or background', () => {
  const pairs = confusedPairs([
    [5, 2, 0, 1],
    [3, 9, 0, 0],
    [0, 2, 0, 0],
    [7, 7, 7, 0],
  ]);
  expect(pairs).toEqual([
    { is: 1, taken: 0, count: 3, share: 0.25 },
    { is: 2, taken: 1, count: 2, share: 1 },
    { is: 0, taken: 1, count: 2, share: 0.25 },
  ]);
});
