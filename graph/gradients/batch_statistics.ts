/** Batch norm as it is trained: with the statistics of the batch, and running statistics that follow them. */
import type { AnyNode, GraphNode, NamedValue, Network } from '../graph.js';
import { parameterOf } from '../passes/parameter_of.js';
import type { Pass } from '../passes/pass.js';
import type { Value } from '../value.js';
import { type Added, addingTo } from './emitting.js';

export interface BatchStatisticsOptions {
  /** The share of the batch in new running statistics, by the module's name: torch's `momentum`, 0.1 where absent. */
  readonly momentum?: (scope: string) => number;
  /** Which batch norms; all where absent. Others stay as they are: frozen. */
  readonly of?: (scope: string) => boolean;
}

/** What an output with a new running statistic is called. */
export function afterName(name: string): string {
  return `after.${name}`;
}

/**
 * Batch norms take the mean and the biased variance of the batch (torch.nn.BatchNorm2d in training mode), and the outputs
 * `after.<running statistic>` are added. Where several batch norms share their statistics, each moves them in its turn.
 * A batch whose maps have a single pixel altogether has no variance: torch refuses it, here the result is not finite.
 */
export function batchStatistics(options: BatchStatisticsOptions = {}): Pass {
  return { name: 'batch-statistics', apply: (network) => withStatistics(network, options) };
}

function withStatistics(network: Network, { momentum = () => 0.1, of = () => true }: BatchStatisticsOptions): Network {
  const { graph } = network;
  const added = addingTo(graph);
  const seen = new Map<string, Value[]>();
  const note = (name: string, value: Value) => seen.set(name, [...(seen.get(name) ?? []), value]);
  const nodes = graph.nodes.map((node): AnyNode => {
    if (node.operation !== 'batchNorm' || !of(node.scope)) return node;
    note(parameterOf(node, 'running_mean'), added.emit(node.scope, 'batchMean', node.inputs, {}));
    note(parameterOf(node, 'running_var'), added.emit(node.scope, 'batchVariance', node.inputs, {}));
    const parameters = { weight: parameterOf(node, 'weight'), bias: parameterOf(node, 'bias') };
    const trained: GraphNode<'batchNormOfBatch'> = { ...node, operation: 'batchNormOfBatch', parameters };
    return trained;
  });
  const after: NamedValue[] = [...seen].map(([name, values]) => ({
    name: afterName(name),
    value: moved(added, name, values, momentum(name.slice(0, name.lastIndexOf('.')))),
  }));
  return {
    graph: { ...graph, nodes: [...nodes, ...added.nodes], outputs: [...graph.outputs, ...after] },
    parameters: network.parameters,
  };
}

/** Step by step: r <- (1 - m) r + m v. So the first of n values has m (1 - m)^(n - 1) of the result. */
function moved(added: Added, name: string, values: readonly Value[], momentum: number): Value {
  const scope = name.slice(0, name.lastIndexOf('.'));
  const share = 1 - (1 - momentum) ** values.length;
  const weighted = values.map((value, i) => {
    const factor = (momentum * (1 - momentum) ** (values.length - 1 - i)) / share;
    return values.length === 1 ? value : added.emit(scope, 'scale', [value], { factor });
  });
  const mean = weighted.reduce((sum, value) => added.emit(scope, 'add', [sum, value], {}));
  return added.emit(scope, 'movingAverage', [mean], { momentum: share }, { running: name });
}
