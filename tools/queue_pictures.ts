import type { Log } from '../core/log.js';
import type { Result } from '../core/results.js';
import { openConfigFor } from '../models/checkpoint_form.js';
import type { LoadOptions } from '../models/options.js';
import { requireTask } from '../models/require_task.js';
import { requireWeights } from '../models/require_weights.js';
import { giveOut } from '../queue/give_out.js';
import type { PictureRunner } from '../runs/picture_runner.js';
import { openQueue } from './queue_option.js';

interface QueuedPictures<R extends Result> {
  /** The queue's address. */
  readonly queue: string;
  readonly task: R['kind'];
  readonly load: LoadOptions;
  readonly batchSize: number;
  readonly log: Log;
}

/** A config's model run by workers. @throws {LowformerError} for a config, weights or a queue that is not right. */
export async function queuePictures<R extends Result>(
  config: string,
  { queue, task, load, batchSize, log }: QueuedPictures<R>,
): Promise<PictureRunner<R>> {
  const opened = await openConfigFor(load.checkpoint, config, load.cfgOptions, load);
  requireTask(opened.model, task);
  requireWeights(opened, config);
  const connection = await openQueue(queue);
  try {
    return await giveOut<R>({ connection, opened, reference: config, load, batchSize, log });
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}
