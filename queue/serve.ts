/** A worker: waits for runs, and does its part of each. */
import { cpus, hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import { packageVersion } from '../files/package_version.js';
import type { FetchOptions } from '../models/fetch_checkpoint.js';
import { loadOpened } from '../models/loaded_model.js';
import type { LoadOptions } from '../models/options.js';
import { sessionsFor } from '../models/sessions_for.js';
import { announcedRun, tellState } from './board.js';
import type { QueueConnection } from './connection.js';
import { openRun } from './open_run.js';
import type { PathPair } from './path_map.js';
import { parseRun } from './run_record.js';
import { serveRun } from './serve_run.js';

export interface WorkerOptions {
  readonly connection: QueueConnection;
  readonly checkpoint: string | undefined;
  readonly paths: readonly PathPair[];
  readonly load: Pick<LoadOptions, 'threads' | 'sessions' | 'keepNetwork'>;
  readonly fetching: FetchOptions;
  /** Ends with the first run, and where it cannot do its part of it. */
  readonly once: boolean;
  readonly onShard: () => void;
  /** Ends, once the shards at hand are done. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Milliseconds between two looks for a run. */
const BETWEEN_LOOKS = 1000;

/**
 * Until `signal`, or with `once` to the end of one run. A run that this machine cannot do to the bit is passed over, which
 * is said here and where it was given out.
 * @throws {LowformerError} with `once`, why the run was passed over.
 */
export async function serveQueue(options: WorkerOptions): Promise<void> {
  const { connection, signal, once, log } = options;
  const name = `${hostname()}:${process.pid}`;
  const processor = cpus()[0]?.model ?? process.arch;
  const passedOver = new Set<string>();
  connection.onChange((state, reason) => {
    if (state === 'lost') log.warn(`${connection.address}: the connection is lost (${reason}): waiting for it`);
    else log.say(`${connection.address}: the connection is back`);
  });
  log.say(`worker ${name} waits for work at ${connection.address}`);
  while (!signal.aborted) {
    const next = await announcedRun(connection, passedOver).catch(() => undefined);
    if (next === undefined) {
      await setTimeout(BETWEEN_LOOKS, undefined, { signal }).catch(() => {});
      continue;
    }
    const { id, text } = next;
    try {
      await serve({ id, text, name, processor }, options);
      if (once) return;
    } catch (error) {
      if (!(error instanceof LowformerError)) throw error;
      passedOver.add(id);
      const refuses = error.commandMessage;
      await tellState(connection, id, { name, processor, pictures: 0, seconds: 0, refuses, beat: 0 }).catch(() => {});
      if (once) throw error;
      log.warn(`run ${id} is passed over: ${refuses}`);
    }
  }
}

interface FoundRun {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly processor: string;
}

async function serve({ id, text, name, processor }: FoundRun, options: WorkerOptions): Promise<void> {
  const { connection, log, signal, paths, onShard } = options;
  const run = parseRun(text, id, packageVersion());
  const opened = await openRun(run, options);
  log.say(`run ${id} of ${run.from}: ${run.pictures} pictures, weights ${run.checkpoint.digest}`);
  const load: LoadOptions = { ...run.load, ...options.load, onMessage: log.say };
  await using model = await loadOpened(opened, { ...load, sessions: sessionsFor(run.pictures, load) });
  const { batchSize } = run;
  const done = await serveRun({ connection, id, batchSize, model, name, processor, paths, onShard, signal });
  log.say(`run ${id} is over: ${done} pictures were done here`);
}
