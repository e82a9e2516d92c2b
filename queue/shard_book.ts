/** Which shards of a run are out, which are back, and what is next: no Redis, so that its rules can be tested alone. */
import { LowformerError } from '../core/errors.js';
import type { EncodedOutcome } from './result_code.js';
import { type ShardJob, shardProgressSchema, shardResultSchema, shardSchema, shardSize } from './shards.js';

/** Shards that are given out ahead of the next one that is missing: two for each of a thousand workers. */
const MOST_OUT = 2048;

/** No worker survived a picture, alone or beside others: how many these were with it. */
export interface Deadly {
  readonly deadly: number;
}

/** An outcome for each file of a shard. */
export type ShardOutcomes = readonly (EncodedOutcome | Deadly)[];

export interface ReturnedShard {
  /** The place of its first file among all. */
  readonly first: number;
  /** Who did it; undefined where no picture of it was survived. */
  readonly worker: string | undefined;
  readonly outcomes: ShardOutcomes;
}

export interface ShardBook {
  /** Shards that may be given out now, and were not before. */
  fresh(): readonly ShardJob[];
  /** Shards that are out: to be given out again where the queue may have lost them. */
  out(): readonly ShardJob[];
  /** A job came back; one that was back already, or that is of no shard that is out, changes nothing. @throws {LowformerError} `invalid-argument` for what no worker gives back. */
  done(data: unknown, result: unknown): void;
  /**
   * No worker survived a job. Gives the same shard without the pictures that the last of them was at; undefined where
   * nothing of it is left, or where the job is none that is out.
   * @throws {LowformerError} `engine-failure` where it is not known at which picture they ended.
   */
  deadly(data: unknown, progress: unknown): ShardJob | undefined;
  /** The next shard in order, if it is back. */
  next(): ReturnedShard | undefined;
  /** Whether all were handed over by `next`. */
  readonly ended: boolean;
}

/** @param files absolute paths. */
export function createShardBook(files: readonly string[], batchSize: number): ShardBook {
  const size = shardSize(files.length, batchSize);
  const count = Math.ceil(files.length / size);
  const out = new Map<number, ShardJob>();
  const back = new Map<number, Omit<ReturnedShard, 'first'>>();
  const deadly = new Map<string, Deadly>();
  let given = 0;
  let next = 0;

  /** The shard that a job is of, as it is out now. */
  const own = (data: unknown): ShardJob | undefined => {
    const job = shardSchema.safeParse(data);
    const shard = job.success ? out.get(job.data.shard) : undefined;
    return job.success && job.data.without.length === shard?.without.length ? shard : undefined;
  };

  const settle = ({ shard, files: own, without }: ShardJob, given: readonly EncodedOutcome[], worker?: string) => {
    const left = given.values();
    const outcomes = own.map((file, place) => {
      const outcome = without.includes(place) ? deadly.get(key(shard, place)) : left.next().value;
      if (outcome === undefined) throw new RangeError(`no outcome of ${file}`);
      return outcome;
    });
    back.set(shard, { worker, outcomes });
    out.delete(shard);
  };

  return {
    fresh() {
      const jobs: ShardJob[] = [];
      for (; given < Math.min(count, next + MOST_OUT); given++) {
        const job = { shard: given, files: files.slice(given * size, (given + 1) * size), without: [] };
        out.set(given, job);
        jobs.push(job);
      }
      return jobs;
    },
    out: () => [...out.values()],
    done(data, result) {
      const job = own(data);
      if (job === undefined) return;
      const told = shardResultSchema.safeParse(result);
      if (!told.success || told.data.shard !== job.shard) throw foreign(job);
      const { outcomes } = told.data;
      if (outcomes.length !== job.files.length - job.without.length) throw foreign(job);
      settle(job, outcomes, told.data.worker);
    },
    deadly(data, progress) {
      const job = own(data);
      if (job === undefined) return undefined;
      const told = shardProgressSchema.safeParse(progress);
      const at = told.success
        ? told.data.at.filter((place) => place < job.files.length && !job.without.includes(place))
        : [];
      if (at.length === 0) throw unknownDeath(job);
      for (const place of at) deadly.set(key(job.shard, place), { deadly: at.length });
      const again = { ...job, without: [...job.without, ...at].toSorted((a, b) => a - b) };
      if (again.without.length === job.files.length) {
        settle(again, []);
        return undefined;
      }
      out.set(job.shard, again);
      return again;
    },
    next() {
      const shard = back.get(next);
      if (shard === undefined) return undefined;
      back.delete(next);
      return { first: next++ * size, ...shard };
    },
    get ended() {
      return next === count;
    },
  };
}

function key(shard: number, place: number): string {
  return `${shard} ${place}`;
}

function foreign({ shard, files }: ShardJob): LowformerError {
  const expected = `results of shard ${shard}, ${files.length} pictures,`;
  const hint = 'Something else writes to this Redis.';
  return new LowformerError({
    code: 'invalid-argument',
    where: 'result of a worker',
    expected,
    received: 'others',
    hint,
  });
}

function unknownDeath({ files }: ShardJob): LowformerError {
  return new LowformerError({
    code: 'engine-failure',
    where: `${files[0]} to ${files.at(-1)}`,
    expected: 'pictures that a worker survives',
    hint: 'Workers ended while they had them: their own messages may say why.',
  });
}

/** What is said of a picture that no worker survived. */
export function deadlyPicture(source: string, { deadly }: Deadly): LowformerError {
  const alone = deadly === 1;
  const expected = alone ? 'a picture that a worker survives' : `a batch of ${deadly} pictures that a worker survives`;
  const smaller = alone ? '' : ' A smaller --batch-size takes less of it.';
  const hint = `Every worker that was at it ended, or was heard of no more. Out of memory?${smaller} Their own messages may say why.`;
  return new LowformerError({ code: 'engine-failure', where: source, expected, hint });
}
