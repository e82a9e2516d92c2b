/** The packages that speak to Redis: bullmq and ioredis, which whoever wants a queue installs. No other file names them. */
import { LowformerError } from '../core/errors.js';
import { findPackage, ownRequire } from '../engines/optional_packages.js';
import { reasonOf } from '../engines/reason.js';

type Listener = (...given: readonly never[]) => void;

/** What of ioredis is used. */
export interface RedisClient {
  connect(): Promise<void>;
  disconnect(): void;
  /** What BullMQ makes its own connections with. */
  duplicate(options?: ClientOptions): RedisClient;
  quit(): Promise<unknown>;
  on(event: string, listener: Listener): unknown;
  info(): Promise<string>;
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
  del(key: string): Promise<unknown>;
  /** Seconds; below 0 for what is not there. */
  ttl(key: string): Promise<number>;
  expire(key: string, seconds: number): Promise<unknown>;
  sadd(key: string, member: string): Promise<unknown>;
  srem(key: string, member: string): Promise<unknown>;
  smembers(key: string): Promise<string[]>;
  hset(key: string, field: string, value: string): Promise<unknown>;
  hdel(key: string, field: string): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
}

/** See ioredis. Milliseconds. */
export interface ClientOptions {
  readonly lazyConnect?: boolean;
  readonly connectTimeout?: number;
  readonly socketTimeout?: number | undefined;
  readonly keepAlive?: number;
  readonly maxRetriesPerRequest?: number | null;
  readonly retryStrategy?: (times: number) => number | null;
  readonly password?: string;
}

export interface Job {
  readonly id?: string;
  readonly data: unknown;
  readonly returnvalue: unknown;
  readonly failedReason?: string;
  readonly progress: unknown;
  /** How often a worker that had it was heard of no more. */
  readonly stalledCounter: number;
  updateProgress(value: object): Promise<void>;
  moveToDelayed(timestamp: number, token?: string): Promise<unknown>;
  moveToWait(token?: string): Promise<unknown>;
  remove(): Promise<void>;
}

export interface JobToAdd {
  readonly name: string;
  readonly data: object;
  readonly opts: { readonly jobId: string; readonly attempts: number; readonly backoff: number };
}

export interface Queue {
  addBulk(jobs: readonly JobToAdd[]): Promise<unknown>;
  getJobs(
    states: readonly ('completed' | 'failed')[],
    start: number,
    end: number,
  ): Promise<readonly (Job | undefined)[]>;
  obliterate(options: { readonly force: boolean }): Promise<void>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface Worker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(force?: boolean): Promise<void>;
}

interface QueueOptions {
  readonly connection: RedisClient;
  readonly prefix: string;
  readonly skipVersionCheck: boolean;
  readonly streams?: { readonly events: { readonly maxLen: number } };
}

export interface WorkerOptions extends QueueOptions {
  readonly name: string;
  readonly concurrency: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
}

/** What of BullMQ is used. */
interface Bullmq {
  readonly Queue: new (name: string, options: QueueOptions) => Queue;
  readonly Worker: new (
    name: string,
    process: (job: Job, token?: string) => Promise<unknown>,
    options: WorkerOptions,
  ) => Worker;
  /** Thrown by a worker that has put its job back. */
  readonly WaitingError: new () => Error;
  /** Thrown by a worker that has put its job back for a while. */
  readonly DelayedError: new () => Error;
}

export interface QueuePackages {
  readonly bullmq: Bullmq;
  readonly Redis: new (address: string, options: ClientOptions) => RedisClient;
}

const INSTALL = 'npm install bullmq@6.7.0 ioredis@5.11.1';

/** @throws {LowformerError} `missing-package` where they are not installed. */
export function loadQueuePackages(): QueuePackages {
  const [bullmq, ioredis] = [load('bullmq'), load('ioredis')];
  if (!isBullmq(bullmq)) throw missing('another release of bullmq is installed');
  if (!isIoredis(ioredis)) throw missing('another release of ioredis is installed');
  return { bullmq, Redis: ioredis.Redis };
}

function load(name: string): unknown {
  const file = findPackage(name);
  if (file === undefined) throw missing();
  try {
    return ownRequire()(file);
  } catch (error) {
    throw missing(reasonOf(error));
  }
}

function missing(reason?: string): LowformerError {
  return new LowformerError({
    code: 'missing-package',
    where: '--queue',
    expected: 'the packages bullmq in version 6 and ioredis in version 5',
    hint: `Install them with: ${INSTALL}${reason === undefined ? '' : ` (${reason})`}`,
  });
}

function isBullmq(loaded: unknown): loaded is Bullmq {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'Queue' in loaded &&
    'Worker' in loaded &&
    'WaitingError' in loaded &&
    'DelayedError' in loaded &&
    // The release that brings no ioredis of its own.
    'withBackend' in loaded
  );
}

function isIoredis(loaded: unknown): loaded is Pick<QueuePackages, 'Redis'> {
  return (typeof loaded === 'object' || typeof loaded === 'function') && loaded !== null && 'Redis' in loaded;
}
