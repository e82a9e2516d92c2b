/** `train`: a run from a config to a trained model in a folder of its own. */
import { z } from 'zod';
import { writeBytes } from '../files/atomic_write.js';
import { openConfig } from '../models/open_config.js';
import { checkOptions } from '../models/options.js';
import { callback, signal } from '../models/predict_options.js';
import type { DetectionConfig, LowformerConfig, SegmentationConfig } from '../tasks/config.js';
import type { TrainingEvent } from './events.js';
import { openRunFolder } from './folder/run_folder.js';
import { trainLoop } from './loop/train_loop.js';
import { type OpenTrainingOptions, openTraining } from './open_training.js';
import { readTrainingRecipe, type TrainingKeys } from './recipe/recipe.js';

/** A step, a hook: checked when it is read. */
interface Part {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A config with everything that training needs. */
export type TrainingConfig = (DetectionConfig | SegmentationConfig) &
  TrainingKeys & {
    readonly train_pipeline?: readonly Part[];
    readonly train_dataloader: object;
    readonly val_dataloader?: object | null;
    readonly val_evaluator?: object | null;
    readonly val_cfg?: object | null;
  };

export interface TrainOptions extends Omit<OpenTrainingOptions, 'resumed' | 'running'> {
  /** The run's folder: config, checkpoints, log, a page of curves. Made where it is not there. */
  readonly workDir: string;
  /** Has the run that is in the folder go on; false by default, and such a folder then is an error. */
  readonly resume?: boolean | undefined;
  /** Changes to the config: `['optim_wrapper.optimizer.lr=0.0004']`. */
  readonly cfgOptions?: readonly string[] | undefined;
  /** `cpu` (the default), `webgpu`, `cuda`, … */
  readonly device?: string | undefined;
  /** Threads of the network; by default the cores that this process may use. */
  readonly threads?: number | undefined;
  /** Aborting it stops the run after its step, or within its validation, with everything written to go on. */
  readonly signal?: AbortSignal | undefined;
}

const schema = z.strictObject({
  workDir: z.string().min(1),
  resume: z.boolean().optional(),
  cfgOptions: z.array(z.string()).readonly().optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  checkpoint: z.string().optional(),
  checkpointKey: z.string().optional(),
  allowMismatch: z.array(z.string()).readonly().optional(),
  cache: z.string().optional(),
  offline: z.boolean().optional(),
  maxDownload: z.number().positive().optional(),
  onMessage: callback,
  onDownload: callback,
  engine: z.string().optional(),
  device: z.string().optional(),
  threads: z.int().positive().optional(),
  watcher: z.strictObject({ started: callback, picture: callback }).optional(),
  signal,
});

/**
 * Trains what a config says, with the data that it names, and says what happens:
 *
 * ```ts
 * for await (const event of train('config.json', { workDir: 'runs/cells' })) {
 *   if (event.kind === 'validated') console.log(event.metrics);
 * }
 * ```
 *
 * What is wrong with config or data is an error before the first step. Leaving the loop stops the run after its step, with
 * everything written to go on (`resume: true`), exactly as if it had never stopped. The folder then is a config and its
 * checkpoint in one: `loadDetector('runs/cells')`.
 * @param config a file, the folder of a training run, the name of a shipped config, or a config as an object.
 * @throws {LowformerError} for config, data, checkpoint, device or folder; what `trainLoop` throws while it runs.
 */
export async function* train(
  config: string | LowformerConfig | TrainingConfig,
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, undefined> {
  checkOptions(schema, options);
  const { workDir, resume = false, cfgOptions = [], device = 'cpu', threads, signal, ...opening } = options;
  const opened = await openConfig(config, cfgOptions);
  // Before a folder is made for it.
  readTrainingRecipe(opened.config);
  await using folder = await openRunFolder(workDir, resume);
  const { resumed } = folder;
  await using training = await openTraining(opened, {
    ...opening,
    seed: opening.seed ?? resumed?.seed,
    resumed,
    running: { device, ...(threads === undefined ? {} : { threads }) },
    signal,
  });
  const { setup, report } = training;
  await writeBytes(
    folder.files.config,
    new TextEncoder().encode(`${JSON.stringify(setup.facts.config, undefined, 2)}\n`),
  );
  yield* trainLoop({ ...setup, folder, signal, report: () => report.write(folder) });
}
