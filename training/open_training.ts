/** Everything that a training run needs, put together from a config: what is wrong is told before the first step. */
import { collectNotes, type Note } from '../core/notes.js';
import { DEFAULT_ENGINE, type EngineName, type EngineOptions } from '../engines/index.js';
import { initialWeights } from '../models/fitted_weights.js';
import type { OpenedConfig } from '../models/opened_config.js';
import { inferenceParts } from '../registry/config_inference.js';
import { type ConfigObject, isConfigObject, originAt } from '../registry/config_tree.js';
import { buildLosses } from '../tasks/build_losses.js';
import { classesOf, readTrainingData } from './data/training_data.js';
import { readValidationData } from './data/validation_data.js';
import { type LoaderOptions, trainingLoader } from './loading/loader.js';
import type { LoopSetup } from './loop/loop_setup.js';
import { openTrainingNetwork } from './network/training_network.js';
import { readTrainingRecipe } from './recipe/recipe.js';
import { type StartingWeights, startingWeights } from './start/starting_weights.js';
import { openValidation } from './validation/open_validation.js';
import type { ValidationWatcher } from './validation/validation.js';

export interface OpenTrainingOptions {
  /** The run's; else `randomness.seed` of the config, else 0. */
  readonly seed?: number | undefined;
  /** What the network starts from; else `load_from` of the config, its `init_cfg`, or nothing. */
  readonly checkpoint?: string | undefined;
  readonly checkpointKey?: string | undefined;
  /** Whether weights come from a run that goes on, and need not be read or drawn. */
  readonly resumes?: boolean | undefined;
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
  /** Threads that prepare pictures. */
  readonly workers: number;
}

/**
 * Reads recipe and data, builds the network with its losses, and starts engine and threads.
 * @throws {LowformerError} for whatever is wrong with config, data, checkpoint or device, naming it.
 */
export async function openTraining(opened: OpenedConfig, options: OpenTrainingOptions = {}): Promise<OpenedTraining> {
  const { engine = DEFAULT_ENGINE, running = { device: 'cpu' }, watcher, signal } = options;
  const { config, model } = opened;
  const recipe = readTrainingRecipe(config);
  const seed = options.seed ?? recipe.seed ?? 0;
  const { value: tree, path } = inferenceParts(config).model;
  const losses = buildLosses(model, tree, { path, originOf: (where) => originAt(config.origins, where) });
  const notes = collectNotes();
  const data = await readTrainingData(opened, { seed, notes, loop: recipe.loop });
  const judged = await readValidationData(opened, { notes });
  signal?.throwIfAborted();
  const validate = judged && (await openValidation({ ...judged, opened, engine, running, watcher, notes }));
  const start = await firstWeights(opened, seed, options);
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
      weights: start.weights,
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
        notes: [...opened.notes, ...unfollowed, ...notes.list(), ...start.notes],
      },
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

/** Every weight in an array of its own; those of a run that goes on are put in their place later. */
async function firstWeights(
  opened: OpenedConfig,
  seed: number,
  { checkpoint, checkpointKey, resumes = false, signal }: OpenTrainingOptions,
): Promise<StartingWeights> {
  if (!resumes) return startingWeights(opened, { seed, checkpoint, checkpointKey, signal });
  const source = initialWeights(opened.model).parameters;
  const { parameters } = opened.model.wholeGraph;
  return { weights: Object.fromEntries([...parameters.keys()].map((name) => [name, source(name)])), notes: [] };
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
