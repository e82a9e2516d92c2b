/** Engines of one network against one another. */
import { LowformerError } from '../../core/errors.js';
import type { Tensors } from '../../core/tensor.js';
import type { Engine } from '../engine.js';

/** Rounds of one run each; the first counts for nothing: engines allot memory, and write code, in it. */
const ROUNDS = { least: 2, most: 9 } as const;
/** Milliseconds, after which no round begins but for the least. */
const ENOUGH = 2000;

export interface MeasureOptions {
  readonly inputs: Tensors;
  /** Runs side by side. */
  readonly sessions: number;
  readonly signal: AbortSignal | undefined;
}

export interface Outcome {
  /** Milliseconds of a run, the least of several: what else the machine does only adds to it. */
  readonly milliseconds: ReadonlyMap<string, number>;
  /** Engines that failed while they ran, with what they said. */
  readonly failed: ReadonlyMap<string, LowformerError>;
}

/**
 * Runs every engine in turn, forth and back by rounds, so that what slows the machine down for a while slows all of them.
 * @throws {LowformerError} what is no engine's failure; the signal's reason when aborted.
 */
export async function measureEngines(
  engines: ReadonlyMap<string, Engine>,
  { inputs, sessions, signal }: MeasureOptions,
  now: () => number = () => performance.now(),
): Promise<Outcome> {
  const milliseconds = new Map<string, number>();
  const failed = new Map<string, LowformerError>();
  const begun = now();
  for (let round = 0; round < ROUNDS.most; round++) {
    if (round >= ROUNDS.least && now() - begun > ENOUGH) break;
    const order = [...engines].filter(([name]) => !failed.has(name));
    for (const [name, engine] of round % 2 === 0 ? order : order.reverse()) {
      const start = now();
      try {
        await runOnce(engine, { inputs, sessions, signal });
      } catch (error) {
        if (!isEngineFailure(error)) throw error;
        failed.set(name, error);
        milliseconds.delete(name);
        continue;
      }
      const time = (now() - start) / sessions;
      if (round > 0) milliseconds.set(name, Math.min(time, milliseconds.get(name) ?? Number.POSITIVE_INFINITY));
    }
  }
  return { milliseconds, failed };
}

/** Every run is waited for, so that none is under way when the next engine's begins. */
async function runOnce(engine: Engine, { inputs, sessions, signal }: MeasureOptions): Promise<void> {
  const runs = Array.from({ length: sessions }, () => engine.run(inputs, signal === undefined ? {} : { signal }));
  for (const run of await Promise.allSettled(runs)) if (run.status === 'rejected') throw run.reason;
}

/** What another engine may do better; anything else would befall every engine alike. */
export function isEngineFailure(error: unknown): error is LowformerError {
  if (!(error instanceof LowformerError)) return false;
  return ['missing-package', 'unavailable-device', 'engine-failure', 'out-of-memory', 'lost-device'].includes(
    error.code,
  );
}
