/** A network's values from what a checkpoint holds, or as before training. No Node API. */
import type { CheckpointFacts } from '../core/checkpoint_facts.js';
import { LowformerError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import type { Graph, ParameterSource } from '../graph/graph.js';
import { checkedValues } from '../weights/checked_values.js';
import type { CheckpointContent } from '../weights/checkpoint_content.js';
import { initialValue } from '../weights/initialise.js';
import { type LoadReport, loadReport } from '../weights/load_report.js';
import { fitNames, unwrapNames, wrappedNames } from '../weights/name_map.js';
import type { StateDict } from '../weights/state_dict.js';

/** A network's values while they are read: from an open checkpoint, and made up where a mismatch was allowed. */
export interface NetworkWeights extends Disposable {
  readonly parameters: ParameterSource;
  /** undefined where no checkpoint was given. */
  readonly report: LoadReport | undefined;
}

/** A network that is to be filled, and what its parts know of their checkpoints: of a built model, or of any graph. */
export interface UnfilledNetwork {
  readonly wholeGraph: Graph;
  readonly checkpointFacts: readonly CheckpointFacts[];
}

export interface FitOptions {
  /** Parts of the network that the checkpoint need not fill. */
  readonly allowMismatch?: readonly string[];
  /** Only these tensors of the file, under these names: mmengine's `init_cfg` with a `prefix`. */
  readonly select?: (tensors: StateDict) => StateDict;
}

/**
 * A checkpoint's tensors as a network's values, read when they are asked for, and checked then; the source stays the
 * caller's to close.
 * @throws {LowformerError} `checkpoint-mismatch` when they do not fit. Reading: `checkpoint-values` for NaN and infinity.
 */
export function fitWeights(
  network: UnfilledNetwork,
  file: CheckpointContent,
  { allowMismatch = [], select = (tensors) => tensors }: FitOptions = {},
): NetworkWeights {
  const { wholeGraph, checkpointFacts: facts } = network;
  const parameters = [...wholeGraph.parameters.values()];
  const selected = select(file.tensors);
  const unwrapped = wrappedNames(parameters, selected, facts);
  const tensors = fitNames(file.path, unwrapNames(file.path, selected, unwrapped), parameters, facts);
  const report = {
    ...loadReport(parameters, tensors, { path: file.path, allowMismatch, facts }),
    ...(unwrapped === undefined ? {} : { unwrapped }),
    ...(file.place === undefined ? {} : { place: file.place }),
  };
  const loaded = new Set(report.loaded);
  const read = checkedValues(file.path, tensors, report.loaded);
  const initial = initialWeights(network);
  return {
    report,
    parameters: (name, into) => {
      const stored = loaded.has(name) ? tensors.get(name) : undefined;
      return stored === undefined ? initial.parameters(name) : tensor(stored.shape, read(name, stored, into));
    },
    [Symbol.dispose]: () => {},
  };
}

/** Values as before training, the same in every run: for measuring speed and looking at a network's form. */
export function initialWeights({ wholeGraph, checkpointFacts }: UnfilledNetwork): NetworkWeights {
  return {
    report: undefined,
    parameters: (name) => {
      const shape = wholeGraph.parameters.get(name)?.shape;
      if (shape === undefined) {
        throw new LowformerError({
          code: 'invalid-graph',
          where: 'weights',
          expected: 'a parameter of the network',
          received: name,
        });
      }
      return tensor(shape, initialValue(name, shape, checkpointFacts));
    },
    [Symbol.dispose]: () => {},
  };
}
