import { inferenceParts } from '../registry/config_inference.js';
import { originAt } from '../registry/config_tree.js';
import { buildLosses, type ModelLosses } from '../tasks/build_losses.js';
import type { OpenedConfig } from './opened_config.js';

/**
 * What an opened config's model is trained by.
 * @throws {LowformerError} `invalid-config` for a head that is not trained here, and for losses and assigners that are
 *   unknown or do not fit.
 */
export function openLosses({ config, model }: Pick<OpenedConfig, 'config' | 'model'>): ModelLosses {
  const { value, path } = inferenceParts(config).model;
  return buildLosses(model, value, { path, originOf: (where) => originAt(config.origins, where) });
}
