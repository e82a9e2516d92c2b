/**
 * Batches prepared ahead of the network, in threads: the event loop stays free, and the network never waits for pictures
 * where the threads keep up. Batches come in the plan's order and are the same with any number of threads.
 */
import { Worker } from 'node:worker_threads';
import { LowformerError } from '../../core/errors.js';
import { answerOfKind } from '../../engines/thread/answers.js';
import { nodeThread } from '../../engines/thread/node_thread.js';
import { type WorkerCalls, workerCalls } from '../../engines/thread/worker_calls.js';
import { type LoadingSetup, prepareBatch, type TrainingBatch } from './prepare.js';
import type { LoadingAnswer, LoadingRequest } from './protocol.js';
import { type BatchPlan, batchesOfEpoch, type LoadingPlace, type PlannedBatch, plannedBatches } from './samplers.js';

export interface LoaderOptions extends Omit<LoadingSetup, 'batchSize'> {
  readonly plan: BatchPlan;
  /** Which picture each place of the data set stands for: `everyPicture`, `repeated`, `classBalanced`. */
  readonly places: Int32Array;
  /** Threads; 0 for the calling one, as mmengine's `num_workers`. */
  readonly workers: number;
  /** Batches ahead for each thread: what waits is in memory. 2 by default, as torch's `prefetch_factor`. */
  readonly prefetch?: number;
}

export interface TrainingLoader extends AsyncDisposable {
  /** undefined where the sampler has no end. */
  readonly batchesOfEpoch: number | undefined;
  /**
   * Batches from a place on, without end. To go on later exactly there, keep `epoch` and `batch` of the last one.
   * Leaving the loop drops what waits.
   * @throws {LowformerError} at its turn, what is wrong with a batch: see `prepareBatch`; `disposed` afterwards.
   */
  batches(from?: LoadingPlace): AsyncGenerator<TrainingBatch, undefined>;
}

/** The next batch after one, for a run that goes on. */
export function placeAfter({ epoch, batch }: LoadingPlace, perEpoch: number | undefined): LoadingPlace {
  return perEpoch !== undefined && batch + 1 >= perEpoch ? { epoch: epoch + 1, batch: 0 } : { epoch, batch: batch + 1 };
}

/** More are a slip: each is a thread with a picture library of its own. */
const MOST_WORKERS = 64;
const MOST_AHEAD = 64;

/** Starts the threads. @throws {LowformerError} `invalid-argument` for a number that cannot be, and where an epoch has no batch. */
export function trainingLoader({ plan, places, workers, prefetch = 2, ...rest }: LoaderOptions): TrainingLoader {
  checkCount('num_workers', workers, 0, MOST_WORKERS);
  checkCount('prefetch_factor', prefetch, 1, MOST_AHEAD);
  checkCount('batch_size', plan.batchSize, 1, 4096);
  const { data } = rest;
  const pictures = data.kind === 'detection' ? { places, sizes: data.sizes } : { places };
  if (plan.byAspectRatio && data.kind !== 'detection') {
    const expected = 'no batch_sampler AspectRatioBatchSampler for segmentation, whose batches have one size';
    throw new LowformerError({ code: 'invalid-config', where: 'train_dataloader.batch_sampler', expected });
  }
  const perEpoch = batchesOfEpoch(plan, pictures);
  if (places.length === 0 || perEpoch === 0) {
    const expected = `a whole batch of ${plan.batchSize} pictures (drop_last)`;
    throw new LowformerError({ code: 'invalid-argument', where: data.name, expected, received: places.length });
  }
  const setup: LoadingSetup = { ...rest, batchSize: plan.batchSize };
  const threads = Array.from({ length: workers }, () => loadingThread(setup));
  const ahead = Math.max(1, workers * prefetch);
  let disposed = false;

  /** Whoever has least to do. */
  const prepare = (planned: PlannedBatch, signal: AbortSignal): Promise<TrainingBatch> => {
    const [first, ...others] = threads;
    if (first === undefined) return prepareBatch(setup, planned);
    return others
      .reduce((best, thread) => (thread.waiting() < best.waiting() ? thread : best), first)
      .prepare(planned, signal);
  };

  return {
    batchesOfEpoch: perEpoch,
    async *batches(from) {
      if (disposed) throw afterwards();
      const leaving = new AbortController();
      const plans = plannedBatches(plan, pictures, from);
      const queue: Promise<TrainingBatch>[] = [];
      const refill = (): void => {
        while (queue.length < ahead) {
          const { value } = plans.next();
          if (value === undefined) return;
          const batch = prepare(value, leaving.signal);
          // It is told when its turn comes, which may be never.
          batch.catch(() => undefined);
          queue.push(batch);
        }
      };
      try {
        for (;;) {
          refill();
          const batch = queue.shift();
          if (batch === undefined) return undefined;
          if (threads.length > 0) refill();
          yield await batch;
        }
      } finally {
        leaving.abort(afterwards());
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/** A thread that has the setup. */
function loadingThread(setup: LoadingSetup) {
  const calls: WorkerCalls<LoadingRequest, LoadingAnswer> = workerCalls(
    'training data',
    nodeThread<LoadingRequest, LoadingAnswer>({
      start: (options) => new Worker(new URL('./loading_worker.js', import.meta.url), { ...options }),
      inCallingThread: async () => (await import('./session.js')).loadingSession(),
    }),
  );
  const opened = calls.call(() => ({ request: { kind: 'open', setup } }));
  opened.catch(() => undefined);
  let waiting = 0;
  return {
    waiting: () => waiting,
    async prepare(planned: PlannedBatch, signal: AbortSignal): Promise<TrainingBatch> {
      waiting += 1;
      try {
        await opened;
        const answer = calls.call(() => ({ request: { kind: 'prepare', planned } }), signal);
        return (await answerOfKind('training data', 'prepared', answer)).batch;
      } finally {
        waiting -= 1;
      }
    },
    close: () => calls.close({ kind: 'close' }),
  };
}

function afterwards(): LowformerError {
  const expected = 'a loader in use, this one was left or disposed';
  return new LowformerError({ code: 'disposed', where: 'training data', expected });
}

function checkCount(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const expected = `a whole number from ${least} to ${most}`;
  throw new LowformerError({ code: 'invalid-argument', where: `train_dataloader.${name}`, expected, received: value });
}
