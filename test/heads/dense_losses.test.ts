/** The losses of dense heads from raw maps, held to mmdet's on the same maps. */
import { describe, expect, test } from 'vitest';
import { runTfjs } from '../engines/tfjs/run_tfjs.js';
import { runNetwork } from '../run_network.js';
import { DENSE_CASES } from './dense_cases.js';

/** Of mmdet's value: a share, and the same of 1 for losses that are 0. */
const BOUND = 2e-6;

describe('as mmdet computes them', () => {
  test.each(DENSE_CASES)('$title', async ({ network, feeds, losses }) => {
    expect(Object.keys(feeds)).toEqual(expect.arrayContaining(network.graph.inputs.map(({ name }) => name)));
    for (const found of [await runNetwork(network, feeds), await runTfjs(network, feeds)]) {
      expect(Object.keys(found)).toEqual(Object.keys(losses));
      for (const [name, value] of Object.entries(losses)) {
        const error = Math.abs((found[name]?.data[0] ?? Number.NaN) - value) / Math.max(1, Math.abs(value));
        expect(error, `${name}: ${found[name]?.data[0]} for ${value}`).toBeLessThan(BOUND);
      }
    }
  });
});
