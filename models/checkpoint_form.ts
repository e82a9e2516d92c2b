import type { LowformerConfig } from '../tasks/config.js';
import { openCheckpoint } from '../weights/checkpoint.js';
import { checkpointChanges } from './checkpoint_changes.js';
import { hasForms } from './form_changes.js';
import { type OpenedConfig, openConfig } from './open_config.js';

/**
 * A config to be run with weights: where checkpoints store one of its modules in several forms (many branches, or
 * fused), the network is built in the form of the file that will be loaded; where the config does not name the classes, the
 * file does.
 * @param checkpoint the file that the user names; else the config's own counts, as for loading.
 * @param checkpointKey where the weights lie in the file.
 * @throws {LowformerError} as `openConfig`; where the file is asked for either also what opening it throws.
 */
export async function openConfigFor(
  checkpoint: string | undefined,
  reference: string | LowformerConfig,
  cfgOptions: readonly string[] = [],
  checkpointKey?: string,
): Promise<OpenedConfig> {
  const opened = await openConfig(reference, cfgOptions);
  const own = checkpoint ?? opened.checkpoint;
  const formed = hasForms(opened.model);
  const file = formed ? (own ?? opened.pretrained?.checkpoint) : opened.classesOf === 'metainfo' ? undefined : own;
  if (file === undefined) return opened;
  using stored = await openCheckpoint(file, { key: checkpointKey });
  // What fills the backbone alone was trained on other classes.
  const { dataset, ...content } = stored;
  const { changes, notes } = checkpointChanges(opened, own === undefined ? content : { ...content, dataset });
  const changed = changes.length === 0 ? opened : await openConfig(reference, [...cfgOptions, ...changes]);
  return { ...changed, notes: [...changed.notes, ...notes] };
}
