/** What flows back from dense heads' losses to their raw maps, held to mmdet's on the same maps. */
import { describe, expect, test } from 'vitest';
import { differentiate } from '../../graph/gradients/differentiate.js';
import { runPasses } from '../../graph/passes/index.js';
import { runTfjs } from '../engines/tfjs/run_tfjs.js';
import { runNetwork } from '../run_network.js';
import { DENSE_CASES } from './dense_cases.js';

/** Of the largest map's norm: a share. */
const BOUND = 3e-6;

describe('as mmdet has them', () => {
  test.each(DENSE_CASES)('$title', async ({ network, maps, feeds, losses, gradients }) => {
    const pass = differentiate({ of: Object.keys(losses), inputs: maps });
    const trained = runPasses(network, [pass]);
    const largest = Math.max(...Object.values(gradients).map(({ l2 }) => l2));
    for (const found of [await runNetwork(trained, feeds), await runTfjs(trained, feeds)]) {
      for (const [map, { l2, sum }] of Object.entries(gradients)) {
        const slopes = found[`gradient.${map}`]?.data ?? Float32Array.of(Number.NaN);
        const norm = Math.sqrt(slopes.reduce((total, slope) => total + slope * slope, 0));
        expect(Math.abs(norm - l2) / largest, `${map}: norm ${norm} for ${l2}`).toBeLessThan(BOUND);
        const total = slopes.reduce((all, slope) => all + slope, 0);
        // A sum gathers the rounding of all of its elements.
        expect(Math.abs(total - sum) / largest, `${map}: sum ${total} for ${sum}`).toBeLessThan(10 * BOUND);
      }
    }
  });
});
