import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { macsAt, openNetwork } from '../../../measuring/networks/network.js';
import { PAPER_PAIRS, PUBLISHED_NETWORKS } from '../../../measuring/paper/published.js';

test('every pair is of shipped configs with published figures, under a name of its own', () => {
  const published = PUBLISHED_NETWORKS.map(({ config }) => config);
  for (const config of [...published, ...PAPER_PAIRS.flatMap(({ first, second }) => [first.config, second.config])]) {
    expect(Object.keys(SHIPPED_CONFIGS)).toContain(config);
    expect(published).toContain(config);
  }
  const names = PAPER_PAIRS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(published).size).toBe(published.length);
});

describe('the network that runs is the one that was published', () => {
  test.each(PUBLISHED_NETWORKS)('$name', async ({ config, side, parameters, macs }) => {
    const network = await openNetwork({
      config,
      part: 'whole',
      cfgOptions: [],
      checkpoint: undefined,
      allowMismatch: [],
    });
    // Papers round, and count heads and norms differently.
    const near = (published: number) => [0.9 * published, 1.1 * published] as const;
    const counted = macsAt(network, { height: side, width: side });
    for (const [own, [least, most]] of [
      [network.parameters / 1e6, near(parameters)],
      [counted / 1e6, near(macs)],
    ] as const) {
      expect(own).toBeGreaterThan(least);
      expect(own).toBeLessThan(most);
    }
  });
});
