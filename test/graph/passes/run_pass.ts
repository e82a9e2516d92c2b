import type { Network } from '../../../graph/graph.js';
import { type Pass, type RunPassesOptions, runPasses } from '../../../graph/passes/index.js';
import { verifyGraph } from '../../../graph/verify.js';

/** Verifies what every single pass makes, not the end alone. */
export const VERIFIED: RunPassesOptions = { onPass: (_, { graph }) => void verifyGraph(graph) };

/** One pass by itself; without one, dead code alone is removed. */
export function runPass(network: Network, ...passes: readonly Pass[]): Network {
  return runPasses(network, passes, VERIFIED);
}
