import type { Network } from '../graph.js';
import { verifyGraph } from '../verify.js';
import { removeDeadCode } from './remove_dead_code.js';

/** A rewriting that leaves what a network computes as it is. */
export interface Pass {
  /** `fold-batch-norm`: how reports and errors call it. */
  readonly name: string;
  /**
   * The network rewritten. Nodes that nothing reads any more may stay: the runner drops them.
   * @param divisor of the height and the width of every picture that will come; 1 where nothing is known.
   */
  readonly apply: (network: Network, divisor: number) => Network;
}

/** Passes that run once, or again and again while they leave fewer nodes, since each can make work for the others. */
export type Step = Pass | { readonly repeated: readonly Pass[] };

export interface RunPassesOptions {
  /** Divides the height and the width of every picture that will come: 1 unless told otherwise. */
  readonly divisor?: number;
  /** Told of every pass when it has run, with what it made of the network, not verified yet. */
  readonly onPass?: (pass: Pass, network: Network) => void;
}

/**
 * The only place where passes run: dead code is removed before the first and after each, the result is verified.
 * @throws {LowformerError} `invalid-graph` where a pass has broken the graph.
 */
export function runPasses(
  network: Network,
  steps: readonly Step[],
  { divisor = 1, onPass }: RunPassesOptions = {},
): Network {
  const run = (before: Network, pass: Pass): Network => {
    const after = removeDeadCode(pass.apply(before, divisor));
    onPass?.(pass, after);
    return after;
  };
  const repeat = (before: Network, passes: readonly Pass[]): Network => {
    const after = passes.reduce(run, before);
    return after.graph.nodes.length < before.graph.nodes.length ? repeat(after, passes) : after;
  };
  const result = steps.reduce<Network>(
    (before, step) => ('repeated' in step ? repeat(before, step.repeated) : run(before, step)),
    removeDeadCode(network),
  );
  verifyGraph(result.graph);
  return result;
}
