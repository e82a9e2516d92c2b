import type { LowformerConfig } from '../tasks/config.js';
import { openCheckpoint } from '../weights/checkpoint.js';
import { checkpointChanges } from './checkpoint_changes.js';
import { checkpointFile, type FetchOptions, type WeightsUse } from './fetch_checkpoint.js';
import { hasForms } from './form_changes.js';
import { type OpenedConfig, openConfig } from './open_config.js';
import { isModelFile } from './quantized_model.js';

export interface WeightsOptions extends FetchOptions {
  /** Where the weights lie in the file. */
  readonly checkpointKey?: string | undefined;
  /** `results` unless told otherwise. */
  readonly use?: WeightsUse | undefined;
}

/**
 * A config to be run with weights: where checkpoints store one of its modules in several forms (many branches, or
 * fused), the network is built in the form of the file that will be loaded; where the config does not name the classes, the
 * file does.
 * @param checkpoint the file or address that the user names; else the config's own counts, as for loading.
 * @returns with the file of its weights as `checkpoint`, downloaded where it lies on a server.
 * @throws {LowformerError} as `openConfig` and `download`; where the file is asked for either also what opening it throws.
 */
export async function openConfigFor(
  checkpoint: string | undefined,
  reference: string | LowformerConfig,
  cfgOptions: readonly string[] = [],
  { checkpointKey, use = 'results', ...fetching }: WeightsOptions = {},
): Promise<OpenedConfig> {
  const opened = await openConfig(reference, cfgOptions);
  const own = await checkpointFile({ checkpoint, loadFrom: opened.checkpoint, reference, use }, fetching);
  const formed = hasForms(opened.model);
  const file = formed ? (own ?? opened.pretrained?.checkpoint) : opened.classesOf === 'metainfo' ? undefined : own;
  // A quantized model is of the form and the classes of the config that it holds.
  if (file === undefined || isModelFile(file)) return { ...opened, checkpoint: own };
  using stored = await openCheckpoint(file, { key: checkpointKey });
  // What fills the backbone alone was trained on other classes.
  const { dataset, ...content } = stored;
  const { changes, notes } = checkpointChanges(opened, own === undefined ? content : { ...content, dataset });
  const changed = changes.length === 0 ? opened : await openConfig(reference, [...cfgOptions, ...changes]);
  return { ...changed, checkpoint: own, notes: [...changed.notes, ...notes] };
}
