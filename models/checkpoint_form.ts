import type { LowformerConfig } from '../tasks/config.js';
import { openCheckpoint } from '../weights/checkpoint.js';
import { formChanges, hasForms } from './form_changes.js';
import { type OpenedConfig, openConfig } from './open_config.js';

/**
 * A config to be run with weights: where checkpoints store one of its modules in several forms (many branches, or
 * fused), the network is built in the form of the file that will be loaded.
 * @param checkpoint the file that the user names; else the config's own counts, as for loading.
 * @throws {LowformerError} as `openConfig`; for a module with several forms also what opening the checkpoint throws.
 */
export async function openConfigFor(
  checkpoint: string | undefined,
  reference: string | LowformerConfig,
  cfgOptions: readonly string[] = [],
): Promise<OpenedConfig> {
  const opened = await openConfig(reference, cfgOptions);
  const file = checkpoint ?? opened.checkpoint ?? opened.pretrained?.checkpoint;
  if (file === undefined || !hasForms(opened.model)) return opened;
  using stored = await openCheckpoint(file);
  const changes = formChanges(opened.model, [...stored.tensors.keys()]);
  return changes.length === 0 ? opened : openConfig(reference, [...cfgOptions, ...changes]);
}
