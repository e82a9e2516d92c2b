import { LowformerError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import type { Graph, ParameterSource } from '../../graph/graph.js';
import { type Checkpoint, openCheckpoint } from '../../weights/checkpoint.js';
import { initialValue } from '../../weights/initialise.js';
import { type LoadReport, loadReport } from '../../weights/load_report.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';

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
    parameters: (name) => {
      const stored = loaded.has(name) ? tensors.get(name) : undefined;
      return stored === undefined ? initial.parameters(name) : tensor(stored.shape, stored.read());
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
