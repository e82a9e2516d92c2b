/** A config's network, or its backbone alone, as it is measured: what it costs, and what the engine runs. */
import { totalmem } from 'node:os';
import { LowformerError } from '../../core/errors.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { Graph, Network } from '../../graph/graph.js';
import type { Pass } from '../../graph/passes/index.js';
import { openConfigFor } from '../../models/checkpoint_form.js';
import { initialWeights, openModelWeights } from '../../models/network_weights.js';
import type { OpenedConfig } from '../../models/open_config.js';
import { type DeployedOutputs, deploy } from '../../tasks/deploy.js';
import { seenSize } from '../../tasks/input_size.js';
import { sizeName } from '../presentation/format.js';
import type { InputSize, Part } from '../record.js';

/** What names a network that is to be measured. */
export interface Subject {
  /** A file, or the name of a shipped config. */
  readonly config: string;
  readonly part: Part;
  readonly cfgOptions: readonly string[];
  /** undefined for the config's own `load_from`, else for initial weights. */
  readonly checkpoint: string | undefined;
  /** Where the weights lie in the file. */
  readonly checkpointKey?: string | undefined;
  /** Parts of the network that the checkpoint need not fill. */
  readonly allowMismatch: readonly string[];
}

export interface BenchmarkedNetwork {
  readonly subject: Subject;
  readonly opened: OpenedConfig;
  /** What runs: branches fused, norms folded. Costs are counted on it. */
  readonly optimised: Graph;
  readonly parameters: number;
  /** A checkpoint's path, or `initial`. */
  readonly weights: string;
}

/** @throws {LowformerError} for whatever is wrong with the config. */
export async function openNetwork(subject: Subject): Promise<BenchmarkedNetwork> {
  const { checkpoint, config, cfgOptions, checkpointKey } = subject;
  const opened = await openConfigFor(checkpoint, config, cfgOptions, { checkpointKey, use: 'measuring' });
  const weights = opened.checkpoint ?? opened.pretrained?.checkpoint ?? 'initial';
  const { parameters } = initialWeights(opened.model);
  const { graph: optimised } = deploy(opened.model, parameters, {
    outputs: outputsOf(subject),
    inputs: { kind: 'any' },
  });
  return { subject, opened, optimised, parameters: countParameters(optimised), weights };
}

function outputsOf({ part }: Subject): DeployedOutputs {
  return part === 'whole' ? 'head' : part;
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

/** Opens the weights once, and says how they fit. @throws {LowformerError} for a checkpoint that does not. */
export async function checkWeights(
  { opened, subject }: BenchmarkedNetwork,
  say: (line: string) => void,
): Promise<void> {
  using _ = await openModelWeights(opened, subject, (line) => say(`${subject.config}: ${line}`));
}

/** Bytes that one array can have. */
const LARGEST_ARRAY = 2 ** 32;

/** @throws {LowformerError} `invalid-argument` for more pictures than the memory, or one array, can hold. */
export function checkBatch(where: string, { height, width }: InputSize, batch: number): void {
  const bytes = 4 * 3 * height * width * batch;
  if (bytes <= Math.min(totalmem(), LARGEST_ARRAY)) return;
  const expected = `a batch of ${sizeName({ height, width })} for which the memory is enough`;
  throw new LowformerError({ code: 'invalid-argument', where, expected, received: batch });
}

/**
 * The network as an engine loads it, for these sizes alone: where a number divides all of them, crops and resizes that can
 * do nothing at its multiples are left out, as they are from a model that is deployed for such sizes. Its weights can be
 * read until it is disposed of.
 * @param passes beside those that every engine gains by.
 */
export async function runnableNetwork(
  { opened, subject }: BenchmarkedNetwork,
  sizes: readonly InputSize[],
  passes: readonly Pass[] = [],
): Promise<Network & Disposable> {
  const weights = await openModelWeights(opened, subject, () => {});
  try {
    // With all stages, windows slide over pictures of these sizes.
    const seen = [...sizes, ...sizes.map((size) => seenSize(opened.model, size))];
    const use = { outputs: outputsOf(subject), inputs: { kind: 'fixed', sizes: seen }, passes } as const;
    return { ...deploy(opened.model, weights.parameters, use), [Symbol.dispose]: () => weights[Symbol.dispose]() };
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}
