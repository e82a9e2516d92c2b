import type { Log } from '../../core/log.js';
import type { LowformerConfig } from '../../tasks/config.js';
import type { TrainingEventOf } from '../../training/events.js';
import { type TrainOptions, train } from '../../training/train.js';
import { writeJson } from '../json_output.js';
import { watchTraining } from './watch_training.js';

/**
 * Trains, and says how far it is. The first Ctrl-C ends the run after its step, with everything written to go on.
 * @throws {LowformerError} as `train`; the signal's reason where the run was stopped by it.
 */
export async function runTraining(
  config: string | LowformerConfig,
  options: TrainOptions & { readonly signal: AbortSignal },
  { json, log }: { readonly json: string | undefined; readonly log: Log },
): Promise<void> {
  const watch = watchTraining(log, options.workDir);
  let finished: TrainingEventOf<'finished'> | undefined;
  let metrics: Readonly<Record<string, number>> | undefined;
  try {
    for await (const event of train(config, options)) {
      watch.event(event);
      if (event.kind === 'validated' && event.isBest) metrics = event.metrics;
      if (event.kind === 'finished') finished = event;
    }
  } finally {
    watch.stop();
  }
  if (json !== undefined && finished !== undefined) {
    const { kind: _, ...end } = finished;
    await writeJson(json, { ...end, ...(metrics === undefined ? {} : { metrics }), folder: options.workDir });
  }
  if (finished?.reason === 'stopped') options.signal.throwIfAborted();
}
