/** Small networks for tests of passes, and what holds of every pass. */
import { expect } from 'vitest';
import { type Tensors, tensor } from '../../../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../../../graph/builder.js';
import type { AnyNode, Network } from '../../../graph/graph.js';
import type { Value } from '../../../graph/value.js';
import { formulaInput } from '../../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';

export const operationNames = ({ graph }: Network) => graph.nodes.map(({ operation }: AnyNode) => operation);

/** From a map of 8 channels to an output `y`. */
export function network(build: (g: GraphRoot, x: Value) => Value): Network {
  const g = graphBuilder();
  const value = build(g, g.input('input', 8));
  return formulaNetwork(g.finish([{ name: 'y', value }]));
}

/** A picture of 8 channels, two in a batch. */
export function input(height: number, width: number): Tensors {
  const shape = [2, 8, height, width];
  return { input: tensor(shape, formulaInput('passes', shape)) };
}

/** A pass may change how a network is computed, never what. */
export async function expectSame(before: Network, after: Network, feeds: Tensors = input(9, 12)): Promise<void> {
  const [expected, actual] = [await runNetwork(before, feeds), await runNetwork(after, feeds)];
  if (expected.y === undefined) throw new Error('no output');
  expect(relativeError(actual.y, expected.y)).toBeLessThan(2e-6);
}
