/** Where a loaded network is kept for the next start, and under which key. */
import { join } from 'node:path';
import { BACKBONES } from '../backbones/index.js';
import { LowformerError } from '../core/errors.js';
import { elements } from '../core/tensor.js';
import type { KeptNetwork } from '../engines/index.js';
import { factsKey, graphFacts } from '../engines/network_facts.js';
import { builtCode } from '../files/built_code.js';
import type { Graph } from '../graph/graph.js';
import type { Pass } from '../graph/passes/index.js';
import { HEADS } from '../heads/index.js';
import { NECKS } from '../necks/index.js';
import { deployment, type InputSizes } from '../tasks/deploy.js';
import { TASKS } from '../tasks/index.js';
import type { Model } from '../tasks/model.js';
import { cacheFolder } from '../weights/download/cache_folder.js';
import type { StoredWeights } from './network_weights.js';
import type { LoadOptions } from './options.js';

/** What makes what is kept of a graph and a checkpoint. */
const CODE = [
  'graph',
  'graph/onnx',
  'graph/operations',
  'graph/passes',
  'weights',
  'models',
  'tasks',
  'engines/onnxruntime',
];

export interface NetworkParts {
  readonly model: Model;
  readonly weights: StoredWeights;
  readonly inputs: InputSizes;
  readonly passes: readonly Pass[];
  /** Which part of the network, where it runs in parts: each is kept by itself. */
  readonly part?: string;
}

/**
 * The key is made of the graph before any pass, of what the passes are told, of the weights' file (place and times, not its
 * bytes, which take as long to read as a start does) and how it fills the network, and of this build of the toolkit.
 * @returns undefined where that would not do: the toolkit runs from its sources, modules were added from outside, whose
 *   code is not known, or the file was written within the last seconds.
 * @throws {LowformerError} `invalid-argument` for LOWFORMER_MAX_NETWORKS.
 */
export function keptNetwork(
  { model, weights, inputs, passes, part }: NetworkParts,
  { cache = cacheFolder(), onMessage = () => {}, ...options }: LoadOptions,
  code: string | undefined = builtCode(CODE),
): KeptNetwork | undefined {
  const mostBytes = mostKeptBytes();
  if (code === undefined || mostBytes === 0) return undefined;
  if ([BACKBONES, NECKS, HEADS, TASKS].some((table) => table.added().length > 0)) return undefined;
  const stored = weights.state?.();
  if (stored !== undefined && !stored.settled) return undefined;
  const { graph, divisor } = deployment(model, { inputs });
  const filled = { file: stored?.text, report: weights.report, key: options.checkpointKey };
  const facts = [
    code,
    graphFacts(graph),
    divisor,
    passes.map(({ name }) => name),
    filled,
    options.allowMismatch ?? [],
    part ?? 'whole',
  ];
  return {
    folder: join(cache, 'networks'),
    key: factsKey(facts),
    // A part of a large network is kept, however small.
    leastBytes: part !== undefined && weightBytes(graph) >= LEAST_BYTES ? 0 : LEAST_BYTES,
    mostBytes,
    holds: () => weights.state?.().text === stored?.text,
    say: onMessage,
  };
}

function weightBytes({ parameters }: Graph): number {
  return [...parameters.values()].reduce((sum, { shape }) => sum + 4 * elements(shape), 0);
}

/** Below it, a start takes hardly longer without: a network of 4 million weights. */
const LEAST_BYTES = 16 * 1024 * 1024;
/** All networks together, in GB. */
const MOST_GB = 2;

/** `LOWFORMER_MAX_NETWORKS`, in GB; 2 unless told otherwise, 0 for none. */
export function mostKeptBytes(
  { LOWFORMER_MAX_NETWORKS: value = '' }: Readonly<Record<string, string | undefined>> = process.env,
): number {
  const gigabytes = value === '' ? MOST_GB : Number(value);
  if (gigabytes >= 0) return gigabytes * 1e9;
  const expected = 'a number of GB, or 0 to keep no networks';
  throw new LowformerError({ code: 'invalid-argument', where: 'LOWFORMER_MAX_NETWORKS', expected, received: value });
}
