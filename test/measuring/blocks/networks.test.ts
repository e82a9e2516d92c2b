import { describe, expect, test } from 'vitest';
import { evaluateShapes } from '../../../graph/shapes.js';
import { BLOCK_COMPARISON_NAMES, BLOCK_COMPARISONS } from '../../../measuring/blocks/comparisons.js';
import { blockNetworks } from '../../../measuring/blocks/networks.js';
import { noisyBatch } from '../../../measuring/networks/contestants.js';
import { initialWeights } from '../../../models/network_weights.js';
import { runNetwork } from '../../run_network.js';

describe.each(BLOCK_COMPARISON_NAMES)('%s', (name) => {
  const { first, second } = BLOCK_COMPARISONS[name];

  test.each([
    [16, 7],
    [64, 14],
  ])('%i channels at %i', (channels, side) => {
    const networks = blockNetworks([first, second], channels, side);
    expect(networks).toHaveLength(2);
    for (const { graph, macs } of networks ?? []) {
      expect(macs).toBeGreaterThan(0);
      const [output] = graph.outputs;
      const shape = evaluateShapes(graph, { input: [1, 1, side, side] }).get(output?.value.id ?? -1);
      expect([channels, channels / 2]).toContain(shape?.[1]);
    }
    const [one, other] = networks ?? [];
    expect(one?.repeats).toBe(other?.repeats);
  });
});

test('MACs are those of one layer', () => {
  const [fused, unfused] =
    blockNetworks([BLOCK_COMPARISONS.fusion.first, BLOCK_COMPARISONS.fusion.second], 32, 8) ?? [];
  const pixels = 8 * 8;
  expect(fused?.macs).toBe(pixels * (9 * 32 * 128 + 128 * 32));
  expect(unfused?.macs).toBe(pixels * (32 * 128 + 9 * 128 + 128 * 32));
  const [wide, narrow] = blockNetworks([BLOCK_COMPARISONS.depth.first, BLOCK_COMPARISONS.depth.second], 32, 8) ?? [];
  expect(wide?.macs).toBe(narrow?.macs);
});

test('values stay far from subnormal numbers, which processors are slow at', async () => {
  for (const name of BLOCK_COMPARISON_NAMES) {
    const { first, second } = BLOCK_COMPARISONS[name];
    for (const network of blockNetworks([first, second], 16, 7) ?? []) {
      const parameters = initialWeights({ wholeGraph: network.graph, checkpointFacts: [] }).parameters;
      const input = noisyBatch(1, { height: 7, width: 7 }, 1);
      const { output } = await runNetwork({ graph: network.graph, parameters }, { input });
      const largest = Math.max(...(output?.data ?? []).map(Math.abs));
      expect(largest, name).toBeGreaterThan(1e-3);
      expect(largest, name).toBeLessThan(1e6);
    }
  }
});

test('what is too much work is left out', () => {
  expect(blockNetworks([BLOCK_COMPARISONS.fusion.first, BLOCK_COMPARISONS.fusion.second], 256, 56)).toBeUndefined();
});
