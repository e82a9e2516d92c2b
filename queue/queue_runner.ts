/** Gives a run's pictures out to workers, and takes what comes back in the order of the pictures. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { untilAborted } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { Result } from '../core/results.js';
import { reasonOf } from '../engines/reason.js';
import type { FileOutcome, FileRun, PictureRunner } from '../runs/picture_runner.js';
import type { ClassLabel } from '../tasks/classes.js';
import { createAttention } from './attention.js';
import { announce, RENEWAL, type WorkerState, withdraw, workerStates } from './board.js';
import { PREFIX, type QueueConnection } from './connection.js';
import type { Job, JobToAdd, Queue } from './packages.js';
import { pictureFailure } from './picture_failure.js';
import { decodeResult } from './result_code.js';
import type { RunRecord } from './run_record.js';
import { createShardBook, deadlyPicture, type ShardBook } from './shard_book.js';
import type { ShardJob } from './shards.js';
import { workersLine } from './worker_lines.js';

export interface QueueRun {
  readonly connection: QueueConnection;
  readonly record: Omit<RunRecord, 'pictures'>;
  readonly labels: readonly ClassLabel[];
  readonly task: Result['kind'];
  readonly log: Log;
}

/** Jobs that are fetched at once. */
const FETCHED = 64;
/** Milliseconds between two looks: where something came, and where nothing did. */
const SOON = 10;
const LATER = 100;
/** Milliseconds without a result after which what is out is given out again: what the queue still has, it keeps. */
const SILENT = 60_000;
/** Each holds a shard's results once more, and nobody reads them: of 10,000, as BullMQ has it, Redis would keep gigabytes. */
const EVENTS_KEPT = 16;
/** Milliseconds that are taken for tidying up where the server is away. */
const TIDYING = 3000;
/** Workers take a job that often where their engine fails, a second apart. */
const ATTEMPTS = 3;
const BETWEEN_ATTEMPTS = 1000;

/** Workers, as a runner. Disposing of it closes the connection. `R` is of the run's own task. */
export function queueRunner<R extends Result>(run: QueueRun): PictureRunner<R> {
  let workers: readonly WorkerState[] = [];
  const isOwn = (result: Result): result is R => result.kind === run.task;
  const see = (living: readonly WorkerState[]) => {
    workers = living;
  };
  return {
    run: (files, options) => outcomes(run, files, options, { isOwn, see }),
    said: () => workersLine(workers),
    [Symbol.asyncDispose]: () => run.connection[Symbol.asyncDispose](),
  };
}

interface Own<R extends Result> {
  readonly isOwn: (result: Result) => result is R;
  readonly see: (living: readonly WorkerState[]) => void;
}

async function* outcomes<R extends Result>(
  run: QueueRun,
  files: readonly string[],
  { batchSize, signal, begin }: FileRun,
  { isOwn, see }: Own<R>,
): AsyncGenerator<FileOutcome<R>, void, undefined> {
  const { connection, log, labels } = run;
  const id = randomBytes(8).toString('hex');
  const record = JSON.stringify({ ...run.record, pictures: files.length });
  const paths = files.map((file) => resolve(file));
  const book = createShardBook(paths, batchSize);
  const attention = createAttention(log, connection.address, performance.now());
  const queue = new connection.bullmq.Queue(id, {
    connection: connection.client,
    prefix: PREFIX,
    skipVersionCheck: true,
    streams: { events: { maxLen: EVENTS_KEPT } },
  });
  // What goes wrong is told by the command that it goes wrong with.
  queue.on('error', () => {});
  let doubtful = false;
  connection.onChange((state, reason) => {
    if (state === 'lost') log.warn(`${connection.address}: the connection is lost (${reason}): waiting for it`);
    else log.say(`${connection.address}: the connection is back`);
    doubtful = true;
  });
  let renewed = Number.NEGATIVE_INFINITY;
  let heard = performance.now();

  /** One look at the queue. Whatever is done in it may be done twice. */
  const look = async (): Promise<boolean> => {
    const now = performance.now();
    if (now - renewed >= RENEWAL || doubtful) {
      await announce(connection, id, record);
      see(attention.look(await workerStates(connection, id), now));
      renewed = now;
    }
    if (doubtful || now - heard > SILENT) {
      doubtful = false;
      heard = now;
      await queue.addBulk(book.out().map(jobOf));
    }
    const fresh = book.fresh();
    if (fresh.length > 0) {
      try {
        await queue.addBulk(fresh.map(jobOf));
      } catch (error) {
        // Some may be there: they are given out again.
        doubtful = true;
        throw error;
      }
    }
    // Asked for apart: a job that failed once and was done then still says why it failed.
    const done = await finished(queue, 'completed');
    for (const job of done) book.done(job.data, job.returnvalue);
    const failed = await finished(queue, 'failed');
    for (const job of failed) await takeFailed(job, book, queue);
    const found = [...done, ...failed];
    // What is in the book is needed there no more. Left behind, it is taken again, and changes nothing.
    await Promise.all(found.map((job) => job.remove().catch(() => {})));
    if (found.length > 0) heard = now;
    return found.length > 0;
  };

  try {
    while (!book.ended) {
      const some = await untilAborted(steadily(look, connection.address), signal);
      for (let shard = book.next(); shard !== undefined; shard = book.next()) {
        const { first, worker = '', outcomes: found } = shard;
        for (const place of found.keys()) begin?.(first + place);
        for (const [place, outcome] of found.entries()) {
          const index = first + place;
          const source = files[index] ?? '';
          const path = paths[index] ?? '';
          if ('deadly' in outcome) yield { ok: false, index, source, error: deadlyPicture(source, outcome) };
          else if ('failure' in outcome) {
            const error = await pictureFailure(outcome.failure, { source, path, worker });
            yield { ok: false, index, source, error };
          } else {
            const result = decodeResult(outcome.result, labels);
            if (!isOwn(result)) throw new RangeError(`a result of ${result.kind}`);
            yield { ok: true, index, source, result, notes: outcome.notes };
          }
        }
      }
      if (!book.ended) await setTimeout(some ? SOON : LATER, undefined, { signal });
    }
  } finally {
    // Where the server is away, what is left there lapses.
    const tidied = withdraw(connection, id).then(() => queue.close());
    await Promise.race([tidied.catch(() => {}), setTimeout(TIDYING, undefined, { ref: false })]);
  }
}

function jobOf(shard: ShardJob): JobToAdd {
  const jobId = `shard-${shard.shard}-${shard.without.length}`;
  return { name: 'shard', data: shard, opts: { jobId, attempts: ATTEMPTS, backoff: BETWEEN_ATTEMPTS } };
}

/** A worker that is heard of no more fails the job so; see BullMQ's `moveStalledJobsToWait`. */
const STALLED = /stalled more than allowable limit/;

async function finished(queue: Queue, state: 'completed' | 'failed'): Promise<readonly Job[]> {
  return (await queue.getJobs([state], 0, FETCHED - 1)).filter((job) => job !== undefined);
}

/** Gives a shard out again, without the picture that its workers ended at. @throws {LowformerError} where their engine failed. */
async function takeFailed(job: Job, book: ShardBook, queue: Queue): Promise<void> {
  if (STALLED.test(job.failedReason ?? '')) {
    const again = book.deadly(job.data, job.progress);
    if (again !== undefined) await queue.addBulk([jobOf(again)]);
  } else if (book.out().some((shard) => jobOf(shard).opts.jobId === job.id)) throw failedJob(job);
}

function failedJob({ failedReason = '' }: Job): LowformerError {
  const hint = `${failedReason} (${ATTEMPTS} times)`;
  return new LowformerError({ code: 'engine-failure', where: 'workers', expected: 'results', hint });
}

/** What a server says while it starts, or hands over to another. */
const PASSING = /^(?:LOADING|BUSY|TRYAGAIN|MASTERDOWN|CLUSTERDOWN|READONLY|UNBLOCKED)\b/;

/** Does `work`, again and again where the connection is cut in between: what came of a command that was cut is not known. */
async function steadily<Given>(work: () => Promise<Given>, address: string): Promise<Given> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof LowformerError || !(error instanceof Error)) throw error;
      const reply = error.name === 'ReplyError';
      if (reply && !PASSING.test(error.message)) {
        const expected = 'a Redis that takes what a queue needs';
        throw new LowformerError({ code: 'invalid-argument', where: address, expected, hint: reasonOf(error) });
      }
      if (!reply && !isConnectionFault(error)) throw error;
      await setTimeout(LATER);
    }
  }
}

function isConnectionFault(error: Error): boolean {
  return /connection|socket|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out/i.test(
    `${error.name} ${error.message}`,
  );
}
