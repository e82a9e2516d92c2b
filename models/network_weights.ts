import { notListening } from '../files/interruption.js';
import { openCheckpoint } from '../weights/checkpoint.js';
import { describeLoad } from '../weights/load_report.js';
import type { StateDict } from '../weights/state_dict.js';
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

export interface WeightsOptions extends FitOptions {
  readonly checkpoint: string;
}

/**
 * Opens a checkpoint for a network. Values are read when they are asked for, one tensor at a time.
 * @throws {LowformerError} `checkpoint-mismatch` when it does not fit, and whatever reading the file throws.
 */
export async function openWeights(
  network: UnfilledNetwork,
  { checkpoint, allowMismatch = [], select }: WeightsOptions,
): Promise<NetworkWeights> {
  const file = await notListening(() => openCheckpoint(checkpoint));
  try {
    const weights = fitWeights(network, file, { allowMismatch, ...(select === undefined ? {} : { select }) });
    return { ...weights, [Symbol.dispose]: () => file[Symbol.dispose]() };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

export interface ModelWeightsOptions {
  readonly checkpoint?: string | undefined;
  readonly allowMismatch?: readonly string[];
}

/**
 * The weights that the user names, else the config's `load_from`, else its `init_cfg` for the backbone alone, else
 * initial values. What was found is told line by line.
 */
export async function openModelWeights(
  { model, checkpoint: loadFrom, pretrained }: WeightedConfig,
  { checkpoint = loadFrom, allowMismatch = [] }: ModelWeightsOptions,
  say: (line: string) => void,
): Promise<NetworkWeights> {
  const weights =
    checkpoint !== undefined
      ? await openWeights(model, { checkpoint, allowMismatch })
      : pretrained !== undefined
        ? await openWeights(model, backboneAlone(model, pretrained))
        : initialWeights(model);
  const file = checkpoint ?? pretrained?.checkpoint;
  if (weights.report === undefined) say('no checkpoint: weights are the initial ones, made from their names');
  else for (const line of describeLoad(weights.report)) say(`${file}: ${line}`);
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
