import { LowformerError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import type { Graph, ParameterSource } from '../../graph/graph.js';
import { type Checkpoint, openCheckpoint } from '../../weights/checkpoint.js';
import { initialValue } from '../../weights/initialise.js';
import { describeLoad, type LoadReport, loadReport } from '../../weights/load_report.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import type { OpenedConfig, PretrainedBackbone } from './open_config.js';

export interface WeightsOptions {
  readonly checkpoint: string;
  readonly allowMismatch?: readonly string[];
  /** Only these tensors of the file, under these names: mmengine's `init_cfg` with a `prefix`. */
  readonly select?: (tensors: StateDict) => StateDict;
}

/** A network's values while they are read: from an open checkpoint, and made up where a mismatch was allowed. */
export interface NetworkWeights extends Disposable {
  readonly parameters: ParameterSource;
  /** undefined where no checkpoint was given. */
  readonly report: LoadReport | undefined;
}

/**
 * Opens a checkpoint for a network. Values are read when they are asked for, one tensor at a time.
 * @throws {LowformerError} `checkpoint-mismatch` when it does not fit, and whatever reading the file throws.
 */
export async function openWeights(
  graph: Graph,
  { checkpoint, allowMismatch = [], select }: WeightsOptions,
): Promise<NetworkWeights> {
  const file = await openCheckpoint(checkpoint);
  try {
    return fitted(graph, file, allowMismatch, select);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

function fitted(
  graph: Graph,
  file: Checkpoint,
  allowMismatch: readonly string[],
  select: (tensors: StateDict) => StateDict = (tensors) => tensors,
): NetworkWeights {
  const parameters = [...graph.parameters.values()];
  const tensors = fitNames(file.path, select(file.tensors), parameters);
  const report = loadReport(parameters, tensors, { path: file.path, allowMismatch });
  const loaded = new Set(report.loaded);
  const initial = initialWeights(graph);
  return {
    report,
    parameters: (name, into) => {
      const stored = loaded.has(name) ? tensors.get(name) : undefined;
      return stored === undefined ? initial.parameters(name) : tensor(stored.shape, stored.read(into));
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Values as before training, the same in every run: for measuring speed and looking at a network's form. */
export function initialWeights(graph: Graph): NetworkWeights {
  return {
    report: undefined,
    parameters: (name) => {
      const shape = graph.parameters.get(name)?.shape;
      if (shape === undefined) {
        throw new LowformerError({
          code: 'invalid-graph',
          where: 'weights',
          expected: 'a parameter of the network',
          received: name,
        });
      }
      return tensor(shape, initialValue(name, shape));
    },
    [Symbol.dispose]: () => {},
  };
}

export interface ModelWeightsOptions {
  readonly checkpoint?: string | undefined;
  readonly allowMismatch?: readonly string[];
}

/** The parts of an opened config that say where weights come from. */
type WeightedConfig = Pick<OpenedConfig, 'model' | 'checkpoint' | 'pretrained'>;

/**
 * The weights that the user names, else the config's `load_from`, else its `init_cfg` for the backbone alone, else
 * initial values. What was found is told line by line.
 */
export async function openModelWeights(
  { model, checkpoint: loadFrom, pretrained }: WeightedConfig,
  { checkpoint = loadFrom, allowMismatch = [] }: ModelWeightsOptions,
  say: (line: string) => void,
): Promise<NetworkWeights> {
  const graph = model.wholeGraph;
  const weights =
    checkpoint !== undefined
      ? await openWeights(graph, { checkpoint, allowMismatch })
      : pretrained !== undefined
        ? await openWeights(graph, backboneAlone(graph, pretrained))
        : initialWeights(graph);
  const file = checkpoint ?? pretrained?.checkpoint;
  if (weights.report === undefined) say('no checkpoint: weights are the initial ones, made from their names');
  else for (const line of describeLoad(weights.report)) say(`${file}: ${line}`);
  return weights;
}

/** Every other part of the network may stay as it was initialised. */
function backboneAlone(graph: Graph, { checkpoint, prefix }: PretrainedBackbone): WeightsOptions {
  const parts = [...graph.parameters.keys()].map((name) => name.slice(0, name.indexOf('.')));
  const allowMismatch = [...new Set(parts)].filter((part) => part !== 'backbone');
  if (prefix === undefined) return { checkpoint, allowMismatch };
  const select = (tensors: StateDict): StateDict =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, stored]) => [`backbone.${name.slice(prefix.length).replace(/^\./, '')}`, stored]),
    );
  return { checkpoint, allowMismatch, select };
}

/** @throws {LowformerError} `invalid-argument` where nothing says which weights to use: results would be noise. */
export function requireWeights({ checkpoint, pretrained }: WeightedConfig, given: string | undefined): void {
  if (given !== undefined || checkpoint !== undefined) return;
  const hint =
    pretrained === undefined
      ? 'Name a file with --checkpoint, or set load_from in the config.'
      : "The config's init_cfg fills the backbone alone. Name a file with --checkpoint, or set load_from in the config.";
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'checkpoint',
    expected: 'trained weights, but none are given',
    hint,
  });
}
