/** scipy's `linear_sum_assignment` and `lap.lapjv` with a limit (`test/fixtures/tracking/make.py`). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAssignment } from '../../tracking/assignment.js';
import { seededRandom } from '../random.js';

const pairs = z.array(z.tuple([z.int(), z.int()]));
const cases = z
  .array(
    z.strictObject({
      rows: z.int(),
      columns: z.int(),
      limit: z.number(),
      costs: z.array(z.number()),
      pairs,
      lapjv: pairs,
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('../fixtures/tracking/assignments.json', import.meta.url), 'utf8')));

const solver = createAssignment();
function assign(costs: readonly number[], rows: number, columns: number, limit: number) {
  solver.assign(Float64Array.from(costs), rows, columns, limit);
  const { columnOfRow, rowOfColumn } = solver;
  const found = [...columnOfRow.subarray(0, rows)].flatMap((j, i) => (j < 0 ? [] : [[i, j] as const]));
  // Both sides tell of the same pairs.
  expect([...rowOfColumn.subarray(0, columns)].flatMap((i, j) => (i < 0 ? [] : [[i, j] as const]))).toEqual(
    found.toSorted((a, b) => a[1] - b[1]),
  );
  return found;
}

describe('one memory for all sizes', () => {
  it.each(cases.map((one) => [`${one.rows} x ${one.columns}, up to ${one.limit}`, one] as const))(
    "%s: scipy's pairs, and lapjv's",
    (_, { rows, columns, limit, costs, pairs: scipy, lapjv }) => {
      const found = assign(costs, rows, columns, limit);
      expect(found).toEqual(scipy);
      const worth = (chosen: readonly (readonly [number, number])[]) =>
        chosen.reduce((sum, [i, j]) => sum + (costs[i * columns + j] ?? Number.NaN) - limit, 0);
      expect(Math.abs(worth(found) - worth(lapjv))).toBeLessThan(1e-9);
      expect(found).toEqual(lapjv);
    },
  );
});

describe('properties', () => {
  it('nothing to pair', () => {
    expect(assign([], 0, 5, 1)).toEqual([]);
    expect(assign([], 5, 0, 1)).toEqual([]);
    expect(assign([3, 3, 3, 3], 2, 2, 1)).toEqual([]);
  });

  it('is the best of all ways to pair 5 rows with 5 columns', () => {
    const random = seededRandom(3);
    const orders = permutations([0, 1, 2, 3, 4]);
    for (let round = 0; round < 50; round++) {
      const costs = Array.from({ length: 25 }, random);
      const sum = (columns: readonly number[]) => columns.reduce((total, j, i) => total + (costs[i * 5 + j] ?? 0), 0);
      const best = Math.min(...orders.map(sum));
      expect(sum(assign(costs, 5, 5, 10).map(([, j]) => j))).toBeCloseTo(best, 12);
    }
  });
});

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}
