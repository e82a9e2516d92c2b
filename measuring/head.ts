/** What all runs have in common: settings, surroundings, and how a record opens. */

import type { Log } from '../core/log.js';
import { threadLimit } from '../engines/index.js';
import { describeMachine } from './machine.js';
import type { EngineSettings } from './networks/engine_settings.js';
import type { Head } from './record.js';

export interface MeasuringOptions extends EngineSettings {
  readonly rounds: number;
  readonly warmUp: number;
}

export interface Surroundings {
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What a run left: the record is whole but for what came after an interruption or a failure. */
export interface Finished<Record> {
  readonly record: Record;
  /** What an engine threw on the way; undefined where nothing did. */
  readonly failure: unknown;
}

/** Date, machine and settings, as every record opens. `complete` is still to be said. */
export async function recordHead({
  engine,
  threads,
  precision,
  fastMath,
  rounds,
  warmUp,
}: MeasuringOptions): Promise<Omit<Head, 'complete'>> {
  return {
    date: new Date().toISOString(),
    machine: await describeMachine(),
    settings: {
      engine,
      threads: threads ?? threadLimit().threads,
      precision,
      fast_math: fastMath,
      rounds,
      warm_up: warmUp,
    },
  };
}

/**
 * Does the measuring, and keeps what it throws from undoing what was measured before.
 * @returns what it threw; undefined where nothing was thrown, or only because of the signal.
 */
export async function keepGoing(signal: AbortSignal, measure: () => Promise<void>): Promise<unknown> {
  try {
    await measure();
    return undefined;
  } catch (error) {
    return signal.aborted ? undefined : error;
  }
}
