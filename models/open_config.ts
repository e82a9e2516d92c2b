import { SHIPPED_CONFIGS } from '../configs/index.js';
import { resolveConfig } from '../registry/config_merge.js';
import { applyOverrides } from '../registry/config_overrides.js';
import type { Config } from '../registry/config_tree.js';
import type { LowformerConfig } from '../tasks/config.js';
import { configReader } from './config/file.js';
import { type OpenedConfig, openedConfig } from './opened_config.js';
import { shippedModelConfigs } from './shipped_models.js';

export { type OpenedConfig, type PretrainedBackbone, predictionParts } from './opened_config.js';

const INLINE = '(config object)';

/**
 * @param reference a file, the folder of a training run, the name of a shipped config or trained model (`blood-cells`), or a
 *   config as an object.
 * @param cfgOptions changes: `model.test_cfg.score_thr=0.3`.
 * @throws {LowformerError} for whatever is wrong with it, naming file and path.
 */
export async function openConfig(
  reference: string | LowformerConfig,
  cfgOptions: readonly string[] = [],
): Promise<OpenedConfig> {
  return openedConfig(await readConfig(reference, cfgOptions));
}

/** A config resolved, with its overrides; nothing of it is checked yet. */
export async function readConfig(reference: string | LowformerConfig, cfgOptions: readonly string[]): Promise<Config> {
  const shipped = new Map<string, unknown>([...Object.entries(SHIPPED_CONFIGS), ...shippedModelConfigs()]);
  if (typeof reference !== 'string') shipped.set(INLINE, reference);
  const config = await resolveConfig(typeof reference === 'string' ? reference : INLINE, configReader({ shipped }));
  return applyOverrides(config, cfgOptions);
}
