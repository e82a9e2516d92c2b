import { untilAborted } from '../../core/abort.js';
import { LowformerError } from '../../core/errors.js';
import type { Engine } from '../engine.js';
import { CallNotBegun } from './worker_calls.js';

/** A thread that dies again and again is given up: its input or its memory is at fault, not chance. */
const MOST_RESTARTS = 3;
/** Milliseconds after which one that was given up is tried again: what runs for months has no other way back. */
const REST = 60_000;

export interface Restarts {
  /** Makes another engine of the same model. */
  readonly start: (signal: AbortSignal) => Promise<Engine>;
  /** Told why, before each restart. */
  readonly onRestart?: ((reason: LowformerError) => void) | undefined;
}

/**
 * An engine that is made again when its thread has died: by the next call, at most three times without a success in
 * between, and again a minute after the last of those. The call that was running is rejected with the reason; calls that waited
 * are made again, in their order.
 */
export function restarting(first: Engine, { start, onRestart = () => {} }: Restarts): Engine {
  const disposal = new AbortController();
  let live: Engine | undefined = first;
  let starting: Promise<Engine> | undefined;
  let disposed: Promise<void> | undefined;
  let death: LowformerError | undefined;
  let restarts = 0;
  let lastRestart = 0;

  const restart = async (): Promise<Engine> => {
    disposal.signal.throwIfAborted();
    const now = performance.now();
    if (now - lastRestart > REST) restarts = 0;
    if (death !== undefined) {
      if (restarts === MOST_RESTARTS) throw givenUp(death);
      onRestart(death);
    }
    restarts += 1;
    lastRestart = now;
    live = await start(disposal.signal);
    return live;
  };
  const restarted = (): Promise<Engine> => {
    starting ??= restart().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  return {
    device: first.device,
    async run(inputs, options = {}) {
      for (;;) {
        // Without a restart, the call is made before this function returns: calls keep their order.
        const engine = live ?? (await untilAborted(restarted(), options.signal));
        try {
          const outputs = await engine.run(inputs, options);
          restarts = 0;
          return outputs;
        } catch (error) {
          if (!(error instanceof CallNotBegun)) throw error;
          death = error.reason;
          if (live === engine) live = undefined;
        }
      }
    },
    [Symbol.asyncDispose]() {
      disposed ??= (async () => {
        disposal.abort(new LowformerError({ code: 'disposed', where: 'engine', expected: 'an engine in use' }));
        if (starting !== undefined) await starting.catch(() => undefined);
        await live?.[Symbol.asyncDispose]();
      })();
      return disposed;
    },
  };
}

function givenUp({ parts }: LowformerError): LowformerError {
  const hint = `${parts.hint ?? 'It stopped'}, for the ${MOST_RESTARTS + 1}th time in a row. Load the model anew`;
  return new LowformerError({ ...parts, hint });
}
