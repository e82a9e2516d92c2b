import { LowformerError } from '../core/errors.js';
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
import type { OpenedConfig, PretrainedBackbone } from './opened_config.js';

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

/** @throws {LowformerError} `invalid-argument` where nothing says which weights to use: results would be noise. */
export function requireWeights({ checkpoint, pretrained }: WeightedConfig, given: string | undefined): void {
  if (given !== undefined || checkpoint !== undefined) return;
  const alone = pretrained === undefined ? '' : "The config's init_cfg fills the backbone alone. ";
  const way = (option: string) => `${alone}Name a file with ${option}, or set load_from in the config.`;
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'checkpoint',
    expected: 'trained weights, but none are given',
    hint: way('the option checkpoint'),
    commandHint: way('--checkpoint'),
  });
}
