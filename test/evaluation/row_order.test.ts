import { expect, it } from 'vitest';
import { createScoreSorter, groupRows } from '../../evaluation/row_order.js';
import { seededRandom } from '../random.js';

it('groups rows by key, equal keys as they come', () => {
  const { rows, starts } = groupRows(Uint32Array.of(2, 0, 2, 1, 0), 5, 4);
  expect([...rows]).toEqual([1, 4, 3, 0, 2]);
  expect([...starts]).toEqual([0, 2, 3, 5, 5]);
  const backwards = groupRows(Uint32Array.of(2, 0, 2, 1, 0), 5, 4, Uint32Array.of(4, 3, 2, 1, 0));
  expect([...backwards.rows]).toEqual([4, 1, 3, 2, 0]);
});

it('sorts scores of every sign and size as a comparison does, equal ones as they come', () => {
  const random = seededRandom(3);
  const sort = createScoreSorter(2000);
  const special = [0, -0, 1, -1, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.5, 0.5];
  for (const length of [0, 1, 2, 30, 2000]) {
    const scores = Float64Array.from({ length }, (_, i) => special[i] ?? (random() - 0.3) * 10 ** (random() * 40 - 20));
    const expected = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    expect([...sort(scores, length).subarray(0, length)]).toEqual(expected);
  }
});
