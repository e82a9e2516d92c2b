import type { Graph } from '../graph.js';

/** A number from which on no value of the graph has any: for the values that a pass adds. */
export function firstUnusedId({ inputs, nodes }: Graph): number {
  const values = [...inputs.map(({ value }) => value), ...nodes.map(({ output }) => output)];
  return 1 + values.reduce((largest, { id }) => Math.max(largest, id), 0);
}
