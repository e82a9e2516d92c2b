/** Networks with branches that can be fused: what the passes make of them against the form that was fused before. */
import { expect } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { countMacs } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { formulaInput } from '../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';

/** The optimised graph of the branches has as many operations of each kind, and as many multiply-accumulates, as the fused one's. */
export function expectSameOperations(branches: Graph, fused: Graph): void {
  const [merged, expected] = [branches, fused].map((graph) => optimise(formulaNetwork(graph)).graph);
  if (merged === undefined || expected === undefined) throw new Error('two graphs');
  expect(operationCounts(merged)).toEqual(operationCounts(expected));
  const size = { input: [1, 3, 256, 256] };
  expect(countMacs(merged, size)).toBe(countMacs(expected, size));
}

/** The optimised graph gives the numbers of the branches run one by one, at a size that is no multiple of 32. */
export async function expectSameNumbers(branches: Graph): Promise<void> {
  const network = formulaNetwork(branches);
  const shape = [2, 3, 75, 101];
  const inputs = { input: tensor(shape, formulaInput('input.75x101', shape)) };
  const [apart, together] = [await runNetwork(network, inputs), await runNetwork(optimise(network), inputs)];
  for (const [name, reference] of Object.entries(apart)) {
    expect(relativeError(together[name], reference), name).toBeLessThan(1e-5);
  }
}

function operationCounts({ nodes }: Graph): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operation } of nodes) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}
