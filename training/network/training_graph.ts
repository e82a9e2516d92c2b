/** From a network with losses to what an engine runs for a step of training: gradients and new running statistics besides. */
import { afterName, batchStatistics } from '../../graph/gradients/batch_statistics.js';
import { differentiate } from '../../graph/gradients/differentiate.js';
import { insertMasks, type MaskSite } from '../../graph/gradients/masks.js';
import type { Graph, Network, ParameterSource } from '../../graph/graph.js';
import { type Pass, runPasses } from '../../graph/passes/index.js';
import { parameterOf } from '../../graph/passes/parameter_of.js';

export interface TrainingGraphOptions {
  /** The outputs whose sum is made small. */
  readonly losses: readonly string[];
  /** Whether a batch norm, by the module's name, takes the statistics of the batch; its running statistics stand else. */
  readonly ofBatch: (scope: string) => boolean;
  /** Whether a parameter is trained. */
  readonly trained: (name: string) => boolean;
  /** What is left out by chance. */
  readonly masks: readonly MaskSite[];
  /** The share of the batch in new running statistics, by the module's name. */
  readonly momentum: (scope: string) => number;
}

/** The graph of a step, and what it is about. */
export interface TrainingGraph {
  /**
   * Its inputs: those of the losses, a mask for each site, the trained parameters and the running statistics that move.
   * Its outputs: losses and what is logged, `gradient.<parameter>`, `after.<running statistic>`.
   */
  readonly network: Network;
  /** Parameters that get a gradient. */
  readonly trained: ReadonlySet<string>;
  /** Running statistics that move. */
  readonly moving: readonly string[];
  /** torch's counters of the batches that have moved them: `num_batches_tracked`. */
  readonly counters: readonly string[];
}

/** @param parameters what the frozen ones are taken from, once. */
export function trainingGraph(graph: Graph, parameters: ParameterSource, options: TrainingGraphOptions): TrainingGraph {
  const { losses, ofBatch, trained, masks, momentum } = options;
  const norms = graph.nodes.filter((node) => node.operation === 'batchNorm' && ofBatch(node.scope));
  const named = (role: string) => [...new Set(norms.map((node) => parameterOf(node, role)))];
  const moving = [...named('running_mean'), ...named('running_var')];
  const network = runPasses({ graph, parameters }, [
    insertMasks(masks),
    batchStatistics({ of: ofBatch, momentum }),
    differentiate({ of: losses, trained: ({ name, kind }) => kind === 'parameter' && trained(name) }),
    fed(new Set(moving)),
  ]);
  const kept = [...network.graph.parameters.values()];
  return {
    network,
    trained: new Set(kept.filter((one) => one.fed && one.kind === 'parameter').map(({ name }) => name)),
    moving: moving.filter((name) => network.graph.outputs.some((output) => output.name === afterName(name))),
    counters: named('num_batches_tracked'),
  };
}

/** Parameters that come with every run: running statistics are others after each step. */
function fed(names: ReadonlySet<string>): Pass {
  return {
    name: 'feed-running-statistics',
    apply({ graph, parameters }) {
      const known = [...graph.parameters].map(([name, parameter]) => {
        return [name, names.has(name) ? { ...parameter, fed: true as const } : parameter] as const;
      });
      return { graph: { ...graph, parameters: new Map(known) }, parameters };
    },
  };
}
