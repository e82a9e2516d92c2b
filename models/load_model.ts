import { LowformerError } from '../core/errors.js';
import type { Classification, Detections, Result, SegmentationMap } from '../core/results.js';
import type { LowformerConfig } from '../tasks/config.js';
import { openConfigFor } from './checkpoint_form.js';
import { type LoadedModel, loadOpened } from './loaded_model.js';
import { checkOptions, type LoadOptions, loadSchema } from './options.js';
import { requireTask } from './require_task.js';
import { requireWeights } from './require_weights.js';

export type { LoadedModel } from './loaded_model.js';
export type { LoadOptions } from './options.js';

/**
 * Builds the network of a config, loads its weights, and starts an engine. `loadDetector`, `loadSegmentor` and
 * `loadClassifier` do the same and type the results.
 * @param config a file (`.ts .js .json .yaml .py`), the name of a shipped config, or a config as an object. `blood-cells` is
 *   a trained detector that comes with its weights; the folder of a training run has its own.
 * @throws {LowformerError} for a config, checkpoint or device that is not right: each says what to do.
 */
export function loadModel(config: string | LowformerConfig, options: LoadOptions = {}): Promise<LoadedModel> {
  return load(config, options, undefined);
}

/** A model for detection. @throws {LowformerError} also when the config is for another task. */
export function loadDetector(
  config: string | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<Detections>> {
  return load<Detections>(config, options, 'detection');
}

/** A model for semantic segmentation. @throws {LowformerError} also when the config is for another task. */
export function loadSegmentor(
  config: string | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<SegmentationMap>> {
  return load<SegmentationMap>(config, options, 'segmentation');
}

/** A model for classification. @throws {LowformerError} also when the config is for another task. */
export function loadClassifier(
  config: string | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<Classification>> {
  return load<Classification>(config, options, 'classification');
}

async function load<R extends Result>(
  config: string | LowformerConfig,
  options: LoadOptions,
  task: R['kind'] | undefined,
): Promise<LoadedModel<R>> {
  checkOptions(loadSchema, options);
  if (typeof config !== 'string' && (typeof config !== 'object' || config === null)) {
    const expected = 'a config file, the name of a shipped config, or a config as an object';
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'config',
      expected,
      received: config ?? String(config),
    });
  }
  const opened = await openConfigFor(options.checkpoint, config, options.cfgOptions, options);
  if (task !== undefined) requireTask(opened.model, task);
  requireWeights(opened, config);
  return loadOpened<R>(opened, options);
}
