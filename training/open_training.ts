/** Everything that a training run needs, put together from a config: what is wrong is told before the first step. */
import { collectNotes, type Note } from '../core/notes.js';
import { elements } from '../core/tensor.js';
import { DEFAULT_ENGINE, type EngineName, type EngineOptions } from '../engines/index.js';
import type { FetchOptions } from '../models/fetch_checkpoint.js';
import { openLosses } from '../models/model_losses.js';
import type { OpenedConfig } from '../models/opened_config.js';
import { type ConfigObject, isConfigObject } from '../registry/config_tree.js';
import { classesOf, readTrainingData } from './data/training_data.js';
import { readValidationData } from './data/validation_data.js';
import type { RunState } from './folder/run_state.js';
import { type LoaderOptions, trainingLoader } from './loading/loader.js';
import { usualBatch } from './loading/usual_batch.js';
import type { LoopSetup } from './loop/loop_setup.js';
import { MODEL_PART } from './loop/run_parts.js';
import { openTrainingNetwork } from './network/training_network.js';
import { readTrainingRecipe } from './recipe/recipe.js';
import { createRunReport, type RunReport, watchersTogether } from './report/run_report.js';
import { restoreTensor } from './saved_state.js';
import { type StartingWeights, startingWeights } from './start/starting_weights.js';
import { openValidation } from './validation/open_validation.js';
import type { ValidationWatcher } from './validation/validation.js';

export interface OpenTrainingOptions extends FetchOptions {
  /** The run's; else `randomness.seed` of the config, else 0. */
  readonly seed?: number | undefined;
  /** What the network starts from; else `load_from` of the config, its `init_cfg`, or nothing. */
  readonly checkpoint?: string | undefined;
  readonly checkpointKey?: string | undefined;
  /** Parts of the network that stay as they were initialised, whatever the checkpoint has: `['bbox_head']`. */
  readonly allowMismatch?: readonly string[] | undefined;
  /** The run that goes on, whose weights these are; the checkpoint then is not read. */
  readonly resumed?: RunState | undefined;
  readonly engine?: EngineName | undefined;
  /** Device and threads; the processor by default. */
  readonly running?: Omit<EngineOptions, 'signal'> | undefined;
  /** Looks on while the network is validated. */
  readonly watcher?: ValidationWatcher | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
}

/** A run that is ready for its first step, but for its folder. Disposing of it ends its threads and frees the engine. */
export interface OpenedTraining extends AsyncDisposable {
  readonly setup: Omit<LoopSetup, 'folder' | 'signal' | 'report'>;
  /** The page about the run; it looks on while the network is validated. */
  readonly report: RunReport;
  /** Threads that prepare pictures. */
  readonly workers: number;
}

/**
 * Reads recipe and data, builds the network with its losses, and starts engine and threads.
 * @throws {LowformerError} for whatever is wrong with config, data, checkpoint or device, naming it.
 */
export async function openTraining(opened: OpenedConfig, options: OpenTrainingOptions = {}): Promise<OpenedTraining> {
  const { engine = DEFAULT_ENGINE, running = { device: 'cpu' }, signal } = options;
  const { config, model } = opened;
  const recipe = readTrainingRecipe(config);
  const seed = options.seed ?? recipe.seed ?? 0;
  const losses = openLosses(opened);
  const notes = collectNotes();
  const data = await readTrainingData(opened, { seed, notes, loop: recipe.loop });
  const judged = await readValidationData(opened, { notes });
  signal?.throwIfAborted();
  const report = createRunReport({
    config: config.value,
    validation: judged && { data: judged.data, classes: classesOf(opened).classes, numClasses: model.numClasses },
  });
  const watcher = watchersTogether([report.watcher, ...(options.watcher === undefined ? [] : [options.watcher])]);
  const validate = judged && (await openValidation({ ...judged, opened, engine, running, watcher, notes }));
  const { weights, notes: start } = await firstWeights(opened, seed, options);
  const unfollowed = unfollowedNote([
    ...losses.unfollowed,
    ...recipe.unfollowed,
    ...data.unfollowed,
    ...(judged?.unfollowed ?? []),
  ]);
  // Its threads start while the engine does.
  const loader = trainingLoader(data.loader);
  try {
    const network = await openTrainingNetwork({
      ...running,
      model,
      losses,
      weights,
      usual: usualBatch(data.loader),
      engine,
      ...(signal && { signal }),
    });
    return {
      setup: {
        network,
        loader,
        recipe,
        facts: { config: withSeed(config.value, seed), metaInfo: classesOf(opened) },
        seed,
        batchSize: data.loader.plan.batchSize,
        epochLength: loader.batchesOfEpoch ?? passLength(data.loader),
        validate,
        notes: [...opened.notes, ...start, ...unfollowed, ...notes.list()],
      },
      report,
      workers: data.loader.workers,
      async [Symbol.asyncDispose]() {
        await Promise.all([loader[Symbol.asyncDispose](), network[Symbol.asyncDispose]()]);
      },
    };
  } catch (error) {
    await loader[Symbol.asyncDispose]();
    throw error;
  }
}

/** Those of a run that goes on are there before the engine gets the frozen ones, which it takes once. */
async function firstWeights(
  opened: OpenedConfig,
  seed: number,
  options: OpenTrainingOptions,
): Promise<StartingWeights> {
  const { resumed, checkpoint, checkpointKey, allowMismatch, cache, offline, maxDownload, signal } = options;
  if (resumed === undefined) {
    const { onMessage, onDownload } = options;
    const fetching = { cache, offline, maxDownload, signal, onMessage, onDownload };
    const parts = allowMismatch === undefined ? {} : { allowMismatch };
    return startingWeights(opened, { seed, checkpoint, checkpointKey, ...parts, ...fetching });
  }
  const weights = [...opened.model.wholeGraph.parameters.values()].map(({ name, shape }) => {
    const weight = { shape, data: new Float32Array(elements(shape)) };
    restoreTensor(weight, name, resumed.parts[MODEL_PART]?.tensors ?? {});
    return [name, weight] as const;
  });
  return { weights: Object.fromEntries(weights), notes: [] };
}

/** Batches that show each place of the data once, of a sampler that has no end. */
function passLength({ places, plan }: LoaderOptions): number {
  return Math.max(1, Math.ceil(places.length / plan.batchSize));
}

/** So that the config in the run's folder makes the same run again. */
function withSeed(config: ConfigObject, seed: number): ConfigObject {
  const { randomness } = config;
  return { ...config, randomness: { ...(isConfigObject(randomness) ? randomness : {}), seed } };
}

function unfollowedNote(paths: readonly string[]): readonly Note[] {
  if (paths.length === 0) return [];
  const message = 'Keys of the config that training does not follow';
  return [{ kind: 'unfollowed-keys', where: 'config', message, count: paths.length, examples: paths }];
}
