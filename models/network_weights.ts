import { LowformerError } from '../core/errors.js';
import type { FileState } from '../files/file_state.js';
import { notListening } from '../files/interruption.js';
import { openCheckpoint } from '../weights/checkpoint.js';
import type { CheckpointContent } from '../weights/checkpoint_content.js';
import { describeLoad } from '../weights/load_report.js';
import type { StateDict } from '../weights/state_dict.js';
import { classDisagreement } from './checkpoint_changes.js';
import {
  type FitOptions,
  fitWeights,
  initialWeights,
  type NetworkWeights,
  type UnfilledNetwork,
} from './fitted_weights.js';
import type { PretrainedBackbone } from './opened_config.js';
import type { WeightedConfig } from './require_weights.js';

export { initialWeights, type NetworkWeights } from './fitted_weights.js';

/** A network's values, and the file that they come from. */
export interface StoredWeights extends NetworkWeights {
  /** Of the checkpoint's file, at this moment; undefined where there is none. */
  readonly state?: (() => FileState) | undefined;
}

export interface WeightsOptions extends FitOptions {
  readonly checkpoint: string;
  /** Where the weights lie in the file, as `openCheckpoint` takes it. */
  readonly checkpointKey?: string | undefined;
}

/**
 * Opens a checkpoint for a network. Values are read when they are asked for, one tensor at a time.
 * @throws {LowformerError} `checkpoint-mismatch` when it does not fit, and whatever reading the file throws.
 */
export async function openWeights(
  network: UnfilledNetwork,
  { checkpoint, checkpointKey, allowMismatch = [], select }: WeightsOptions,
): Promise<StoredWeights & Pick<CheckpointContent, 'dataset'>> {
  const file = await notListening(() => openCheckpoint(checkpoint, { key: checkpointKey }));
  try {
    const weights = fitWeights(network, file, { allowMismatch, ...(select === undefined ? {} : { select }) });
    return { ...weights, dataset: file.dataset, state: file.state, [Symbol.dispose]: () => file[Symbol.dispose]() };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

export interface ModelWeightsOptions {
  readonly checkpoint?: string | undefined;
  readonly checkpointKey?: string | undefined;
  readonly allowMismatch?: readonly string[];
}

/**
 * The weights that the user names, else the config's `load_from`, else its `init_cfg` for the backbone alone, else
 * initial values. What was found is told line by line.
 */
export async function openModelWeights(
  config: WeightedConfig,
  { checkpoint = config.checkpoint, checkpointKey, allowMismatch = [] }: ModelWeightsOptions,
  say: (line: string) => void,
): Promise<StoredWeights> {
  const { model, pretrained } = config;
  if (checkpoint !== undefined) {
    const weights = await openWeights(model, { checkpoint, checkpointKey, allowMismatch });
    try {
      const disagreement = classDisagreement(config, { path: checkpoint, dataset: weights.dataset });
      if (disagreement !== undefined) say(`${checkpoint}: ${disagreement}`);
    } catch (error) {
      weights[Symbol.dispose]();
      throw error;
    }
    return told(weights, checkpoint, say);
  }
  if (pretrained !== undefined) {
    return told(
      await openWeights(model, { ...backboneAlone(model, pretrained), checkpointKey }),
      pretrained.checkpoint,
      say,
    );
  }
  if (checkpointKey !== undefined) throw keyOfNothing(checkpointKey);
  say('no checkpoint: weights are the initial ones, made from their names');
  return initialWeights(model);
}

function keyOfNothing(received: string): LowformerError {
  const said = {
    code: 'invalid-argument',
    where: 'checkpointKey',
    expected: 'a checkpoint that it is of',
    received,
  } as const;
  return new LowformerError({
    ...said,
    hint: 'Name a file with the option checkpoint.',
    commandHint: 'Name a file with --checkpoint.',
  });
}

function told(weights: StoredWeights, file: string, say: (line: string) => void): StoredWeights {
  if (weights.report !== undefined) for (const line of describeLoad(weights.report)) say(`${file}: ${line}`);
  return weights;
}

/** Every other part of the network may stay as it was initialised. */
function backboneAlone({ wholeGraph }: UnfilledNetwork, { checkpoint, prefix }: PretrainedBackbone): WeightsOptions {
  const parts = [...wholeGraph.parameters.keys()].map((name) => name.slice(0, name.indexOf('.')));
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
