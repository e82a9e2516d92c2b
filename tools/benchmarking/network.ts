/** A config's network, or its backbone alone, as it is measured: what it costs, and what the engine runs. */
import { LowformerError } from '../../core/errors.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import { type OnnxFile, writeOnnx } from '../../graph/onnx/write.js';
import { optimise, specialise } from '../../graph/passes/index.js';
import { commonDivisor } from '../../images/target_size.js';
import { initialWeights, openModelWeights } from '../model/network_weights.js';
import { type OpenedConfig, openConfig } from '../model/open_config.js';
import { sizeName } from './format.js';
import { partGraph } from './part_graph.js';
import type { InputSize, Part } from './record.js';

export { sizeName } from './format.js';

/** What names a network that is to be measured. */
export interface Subject {
  /** A file, or the name of a shipped config. */
  readonly config: string;
  readonly part: Part;
  readonly cfgOptions: readonly string[];
  /** undefined for the config's own `load_from`, else for initial weights. */
  readonly checkpoint: string | undefined;
}

export interface BenchmarkedNetwork {
  readonly subject: Subject;
  readonly opened: OpenedConfig;
  /** With the outputs that are asked for; no pass has run over it. */
  readonly graph: Graph;
  /** What runs: branches fused, norms folded. Costs are counted on it. */
  readonly optimised: Graph;
  readonly parameters: number;
  /** A checkpoint's path, or `initial`. */
  readonly weights: string;
}

/** @throws {LowformerError} for whatever is wrong with the config. */
export async function openNetwork(subject: Subject): Promise<BenchmarkedNetwork> {
  const opened = await openConfig(subject.config, subject.cfgOptions);
  const graph = partGraph(opened.model, subject.part);
  const weights = subject.checkpoint ?? opened.checkpoint ?? opened.pretrained?.checkpoint ?? 'initial';
  const optimised = optimise({ graph, parameters: initialWeights(opened.model.wholeGraph).parameters }).graph;
  return { subject, opened, graph, optimised, parameters: countParameters(optimised), weights };
}

/**
 * Multiply-accumulates of one picture of this size.
 * @throws {LowformerError} for a size that the network cannot take.
 */
export function macsAt({ optimised, subject }: BenchmarkedNetwork, size: InputSize): number {
  try {
    return countMacs(optimised, { input: [1, 3, size.height, size.width] });
  } catch (error) {
    throw error instanceof LowformerError ? error.at(`${subject.config} at ${sizeName(size)}`) : error;
  }
}

/**
 * The network as an engine loads it, for these sizes alone: where a number divides all of them, crops and resizes that can
 * do nothing at its multiples are left out, as they are from a model that is deployed for such sizes.
 */
export async function writeNetwork(
  { graph, opened, subject: { checkpoint } }: BenchmarkedNetwork,
  sizes: readonly InputSize[],
): Promise<OnnxFile & Disposable> {
  const weights = await openModelWeights(opened, { checkpoint }, () => {});
  try {
    const network = optimise({ graph, parameters: weights.parameters });
    const divisor = sizes.flatMap(({ height, width }) => [height, width]).reduce(commonDivisor);
    const file = writeOnnx(divisor > 1 ? specialise(network, divisor) : network);
    return { ...file, [Symbol.dispose]: () => weights[Symbol.dispose]() };
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}
