import { describe, expect, test } from 'vitest';
import { LOSS_CASES } from './loss_cases.js';
import { lossValues } from './loss_graph.js';

/** Of the reference's value, in float32 as ours: a share. */
const BOUND = 1e-6;

describe.each(Object.entries(LOSS_CASES))('values, %s', (_, cases) => {
  test.each(cases)('$title', async ({ given, value: reference }) => {
    for (const value of await lossValues(given)) {
      expect(Math.abs(value - reference) / Math.abs(reference), `${value} for ${reference}`).toBeLessThan(BOUND);
    }
  });
});

test('every case is there', () => {
  expect(Object.values(LOSS_CASES).map((cases) => cases.length)).toEqual([21, 3]);
});
