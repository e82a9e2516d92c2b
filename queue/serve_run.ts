/** A worker's part of one run: takes shards until the run is over. */
import { opendir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LowformerError } from '../core/errors.js';
import type { Result } from '../core/results.js';
import { isAbsence, isSystemError } from '../files/system_error.js';
import type { LoadedModel } from '../models/loaded_model.js';
import { isAnnounced, leave, sweep, tellState } from './board.js';
import { PREFIX, type QueueConnection } from './connection.js';
import { createGate } from './gate.js';
import type { Job } from './packages.js';
import { mapPath, type PathPair } from './path_map.js';
import { type EncodedOutcome, encodeFailure, encodeResult } from './result_code.js';
import { type ShardJob, type ShardResult, shardSchema } from './shards.js';
import { batchesOf, predictSuspect, type SuspectSteps } from './suspect_shard.js';

export interface ServedRun {
  readonly connection: QueueConnection;
  readonly id: string;
  readonly batchSize: number;
  readonly model: Pick<LoadedModel, 'predictMany'>;
  /** Host and process, unlike any other's. */
  readonly name: string;
  readonly processor: string;
  readonly paths: readonly PathPair[];
  /** A shard is done. */
  readonly onShard: () => void;
  /** Takes no more shards, and ends with those at hand. */
  readonly signal: AbortSignal;
}

/** Shards that a worker is at: one is decoded while the other's last pictures are in the network. */
const AT_ONCE = 2;
/** Milliseconds without a sign of life after which a worker's shard is another's; signs come in half the time. */
const LOCKED = 10_000;
const BETWEEN_CHECKS = 2500;
/** Workers that may end at a shard before it is looked at what kills them: the first, and two that say where they are. */
const MOST_LOST = 2;
/** Milliseconds between two looks at whether the run goes on. */
const BEAT = 1000;

/**
 * Gives how many pictures were done.
 * @throws {LowformerError} `unreadable-file` where a picture is not to be seen from here; its shard is another's then.
 */
export async function serveRun(run: ServedRun): Promise<number> {
  const { connection, id, name, processor, signal } = run;
  const { bullmq, client } = connection;
  const gate = createGate();
  let pictures = 0;
  let begun: number | undefined;
  let blind: LowformerError | undefined;
  /** A shard that cost a worker its life is at work, or waits until it is alone. */
  let suspects = false;

  const whole = async (shard: ShardJob, files: readonly string[]): Promise<readonly EncodedOutcome[]> => {
    if (shard.without.length === 0) return predict(run, files);
    const outcomes: EncodedOutcome[] = [];
    for (const batch of batchesOf(shard, run.batchSize)) outcomes.push(...(await predict(run, at(files, batch))));
    return outcomes;
  };

  const suspect = async (job: Job, shard: ShardJob, files: readonly string[]): Promise<readonly EncodedOutcome[]> => {
    suspects = true;
    const steps: SuspectSteps<EncodedOutcome> = {
      begin: (places) => job.updateProgress({ at: places }),
      predict: (places) => predict(run, at(files, places)),
    };
    const before = job.progress;
    try {
      return await gate.alone(() => predictSuspect(shard, run.batchSize, before, steps));
    } finally {
      suspects = false;
    }
  };

  const process = async (job: Job, token?: string): Promise<ShardResult> => {
    begun ??= performance.now();
    const shard = shardSchema.parse(job.data);
    const files = shard.files.map((file) => mapPath(file, run.paths));
    blind ??= await unseen(files);
    if (blind !== undefined) {
      // It must not take the shard again itself.
      void worker.close();
      await job.moveToWait(token);
      throw new bullmq.WaitingError();
    }
    if (suspects) {
      // It would be taken for another that costs a worker its life, without having been begun.
      await job.moveToDelayed(Date.now() + BEAT, token);
      throw new bullmq.DelayedError();
    }
    const outcomes = await (job.stalledCounter === 0
      ? gate.together(() => whole(shard, files))
      : suspect(job, shard, files));
    pictures += outcomes.length;
    run.onShard();
    return { shard: shard.shard, worker: name, outcomes };
  };

  const worker = new bullmq.Worker(id, process, {
    connection: client,
    prefix: PREFIX,
    skipVersionCheck: true,
    name,
    concurrency: AT_ONCE,
    lockDuration: LOCKED,
    stalledInterval: BETWEEN_CHECKS,
    maxStalledCount: MOST_LOST,
  });
  // A cut connection is told of once, by whoever made it; a shard that was lost meanwhile is done again by another.
  worker.on('error', () => {});
  try {
    for (let beat = 0; blind === undefined && !signal.aborted; beat++) {
      const seconds = begun === undefined ? 0 : (performance.now() - begun) / 1000;
      // While the server is away both wait for it.
      if (!(await isAnnounced(connection, id).catch(() => true))) break;
      await tellState(connection, id, { name, processor, pictures, seconds, beat }).catch(() => {});
      await setTimeout(BEAT, undefined, { signal }).catch(() => {});
    }
  } finally {
    await worker.close();
  }
  if (blind === undefined) {
    await leave(connection, id, name).catch(() => {});
    await sweep(connection, id).catch(() => {});
    return pictures;
  }
  throw blind;
}

/**
 * The first picture whose folder is not there, or is empty, as an error: the pictures are not to be seen from here. Where others
 * lie in its folder, that one is missing, which is told as its outcome.
 */
async function unseen(files: readonly string[]): Promise<LowformerError | undefined> {
  for (const file of files) {
    try {
      await stat(file);
    } catch (cause) {
      if (!isSystemError(cause) || !isAbsence(cause) || (await holdsFiles(dirname(file)))) continue;
      return new LowformerError({
        code: 'unreadable-file',
        where: file,
        expected: 'the pictures of the run, which this machine does not see',
        hint: 'Mount them at the same path, or say with --path-map FROM=TO where they are here.',
        cause,
      });
    }
  }
  return undefined;
}

async function holdsFiles(folder: string): Promise<boolean> {
  try {
    for await (const _ of await opendir(folder)) return true;
  } catch {
    // Not to be read, it shows none either.
  }
  return false;
}

function at(files: readonly string[], places: readonly number[]): readonly string[] {
  return places.map((place) => files[place] ?? '');
}

async function predict({ model, batchSize }: ServedRun, files: readonly string[]): Promise<readonly EncodedOutcome[]> {
  const outcomes: EncodedOutcome[] = [];
  for await (const outcome of model.predictMany<string>(files, { batchSize })) {
    outcomes.push(
      outcome.ok
        ? encodeResult(outcome.result satisfies Result, outcome.notes)
        : encodeFailure(outcome.error, outcome.source),
    );
  }
  return outcomes;
}
