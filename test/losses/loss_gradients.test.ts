import { describe, expect, test } from 'vitest';
import { differentiate } from '../../graph/gradients/differentiate.js';
import { runPasses } from '../../graph/passes/index.js';
import { runTfjs } from '../engines/tfjs/run_tfjs.js';
import { formulaNetwork, runNetwork } from '../run_network.js';
import { LOSS_CASES } from './loss_cases.js';
import { lossFeeds, lossGraph } from './loss_graph.js';

/** Of the reference's largest slope, and of its norm: a share. */
const BOUND = 1e-6;

describe.each(Object.entries(LOSS_CASES))('gradients, %s', (_, cases) => {
  test.each(cases)('$title', async ({ given, gradient: { norm, first } }) => {
    const pass = differentiate({ of: ['loss'], inputs: ['prediction'] });
    const network = runPasses(formulaNetwork(lossGraph(given)), [pass]);
    const feeds = lossFeeds(given);
    const reference = Array.from(first);
    // The first boxes of some cases do not touch, and have no slope.
    const largest = Math.max(...reference.map(Math.abs)) || norm;
    for (const outputs of [await runNetwork(network, feeds), await runTfjs(network, feeds)]) {
      const slopes = outputs['gradient.prediction']?.data ?? new Float32Array();
      const errors = reference.map((slope, i) => Math.abs(slope - (slopes[i] ?? Number.NaN)) / largest);
      expect(Math.max(...errors)).toBeLessThan(BOUND);
      const own = Math.sqrt(slopes.reduce((sum, slope) => sum + slope * slope, 0));
      expect(Math.abs(own - norm) / norm).toBeLessThan(BOUND);
    }
  });
});
