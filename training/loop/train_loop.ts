/** A training run as a stream of events: mmengine's EpochBasedTrainLoop and IterBasedTrainLoop with their hooks. */
import { LowformerError } from '../../core/errors.js';
import type { TrainingEvent } from '../events.js';
import { openRunLog } from '../folder/run_log.js';
import type { LoopSetup } from './loop_setup.js';
import { createTrainingRun } from './training_run.js';

/**
 * Trains until the end. Each event is given when what it tells of is done, and stands in the run's log. A run that is in
 * the folder goes on exactly as if it had never stopped: the same batches, the same chance, the same numbers.
 *
 * Leaving the loop (`return()`), or aborting `signal`, ends the run after its step, with everything written to go on. So
 * does an error of the data or of a validation; a step whose numbers are none ends it with what was written before.
 * @throws {LowformerError} `not-a-number`, naming the batch's files; `unwritable-file` where there is no room: the
 *   checkpoints before are there still; `unreadable-checkpoint` for a state of another network or recipe; `invalid-config`
 *   for a recipe that does not fit the sampler, and for a metric that validation does not give; what the loader, the
 *   network and `validate` throw.
 */
export async function* trainLoop(setup: LoopSetup): AsyncGenerator<TrainingEvent, undefined> {
  checkSampler(setup);
  const run = createTrainingRun(setup);
  const { position } = run;
  const resumedAt = position.done.iteration;
  await using log = await openRunLog(setup.folder.files.log, resumedAt, ({ kind, iteration }) => {
    return kind !== 'validated' || iteration < resumedAt || !position.validationDue;
  });
  const write = async (events: readonly TrainingEvent[]): Promise<readonly TrainingEvent[]> => {
    for (const event of events) await log.write(event);
    return events;
  };
  const batches = setup.loader.batches(position.place);
  let state: 'running' | 'finished' | 'failed' = 'running';
  try {
    let events = await write(run.begin());
    for (;;) {
      if (events.at(-1)?.kind === 'finished') state = 'finished';
      // It reads the log, which has these events by now.
      if (events.some(isReported)) yield* await write(await run.report());
      yield* events;
      if (state === 'finished') return undefined;
      events = await write(await run.turn(batches));
    }
  } catch (error) {
    state = 'failed';
    await run.fail(error);
    throw error;
  } finally {
    if (state === 'running') {
      await write(await run.leave());
      await run.report();
    }
    await batches.return(undefined);
  }
}

function isReported({ kind }: TrainingEvent): boolean {
  return kind === 'validated' || kind === 'finished';
}

/** @throws {LowformerError} `invalid-config` for epochs of a sampler that has none. */
function checkSampler({ recipe, loader }: LoopSetup): void {
  if (recipe.loop.unit === 'iterations' || loader.batchesOfEpoch !== undefined) return;
  throw new LowformerError({
    code: 'invalid-config',
    where: 'train_dataloader.sampler.type',
    expected: 'DefaultSampler with EpochBasedTrainLoop: an InfiniteSampler never comes to the end of its first epoch',
    received: 'InfiniteSampler',
    hint: 'Or count iterations: train_cfg: {type: IterBasedTrainLoop, max_iters: …}.',
  });
}
