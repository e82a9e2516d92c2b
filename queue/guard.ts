/**
 * A worker in a process of its own, and one beside it that starts the next when a picture, or the memory that it takes, has
 * ended it: native code that decodes and computes ends a process without a word.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';

/** Set in the process that is guarded. */
const GUARDED = 'LOWFORMER_GUARDED_WORKER';
/** Ends in a row, without a shard done in between, after which no other is started. */
const MOST_ENDS = 8;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

const STOP = 'stop';
const SHARD = 'shard';

export interface GuardOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Ends, once the shards at hand are done. */
  readonly signal: AbortSignal;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * Runs `program` until it ends by itself, and gives its exit code.
 * @throws {LowformerError} `engine-failure` where it ends again and again before it has done anything.
 */
export async function guard({ program, args, signal, log }: GuardOptions): Promise<number> {
  let ends = 0;
  for (;;) {
    const child = fork(program, args, {
      env: { ...process.env, [GUARDED]: '1' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (message) => {
      if (message === SHARD) ends = 0;
    });
    const how = await ended(child, signal);
    if (typeof how === 'number') return how;
    const name = `process ${child.pid} of this worker was ended by ${how.by}`;
    if (signal.aborted) throw lost(name, 'It was to end anyhow.');
    if (++ends === MOST_ENDS) throw lost(name, `It is the ${MOST_ENDS}th that did no shard before its end.`);
    log.warn(`${name}: another takes its place`);
    await setTimeout(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (ends - 1)), undefined, { signal }).catch(() => {});
    if (signal.aborted) return 0;
  }
}

async function ended(child: ChildProcess, signal: AbortSignal): Promise<number | { readonly by: string }> {
  // It may be gone already.
  const stop = () => void (child.connected && child.send(STOP, () => {}));
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    await once(child, 'exit');
    const { exitCode, signalCode } = child;
    if (exitCode === null) return { by: signalCode ?? 'a signal' };
    // What systems without signals say instead.
    return exitCode >= 128 ? { by: `code ${exitCode}` } : exitCode;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function lost(where: string, hint: string): LowformerError {
  const expected = 'a worker that ends by itself';
  return new LowformerError({ code: 'engine-failure', where, expected, hint });
}

/** What a guarded process has of its guard. */
export interface Guarded {
  /** Aborted when the guard is told to end. */
  readonly signal: AbortSignal;
  /** A shard is done. */
  shard(): void;
}

/** undefined in a process that is not guarded. A guarded one ends with its guard. */
export function guarded(): Guarded | undefined {
  const { channel } = process;
  if (process.env[GUARDED] === undefined || channel === undefined || channel === null) return undefined;
  const stopped = new AbortController();
  process.on('message', (message) => {
    if (message === STOP) stopped.abort();
  });
  process.on('disconnect', () => process.exit());
  // Or it would keep this process once all is done.
  channel.unref();
  return { signal: stopped.signal, shard: () => void process.send?.(SHARD) };
}
