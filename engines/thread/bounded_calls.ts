import { LowformerError } from '../../core/errors.js';
import type { Engine } from '../engine.js';

/** Beside the running call, unless told otherwise: each holds its inputs in memory, 3 MB for 512x512 pixels. */
const WAITING_CALLS = 1024;

/** @throws {LowformerError} `invalid-argument` for what is no number of calls. */
export function checkWaitingCalls(most: number | undefined): void {
  if (most === undefined || (Number.isSafeInteger(most) && most >= 0)) return;
  const expected = 'a whole number of calls';
  throw new LowformerError({ code: 'invalid-argument', where: 'maxWaitingCalls', expected, received: most });
}

/**
 * The engine with a bound on its queue: a call beyond it is refused at once, before anything is kept for it.
 * @param running calls that the engine runs at once, which do not wait.
 */
export function boundedCalls(engine: Engine, most = WAITING_CALLS, running = 1): Engine {
  let calls = 0;
  return {
    device: engine.device,
    async run(inputs, options) {
      if (calls >= most + running) throw tooManyCalls(most);
      calls += 1;
      try {
        return await engine.run(inputs, options);
      } finally {
        calls -= 1;
      }
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

function tooManyCalls(most: number): LowformerError {
  return new LowformerError({
    code: 'too-many-calls',
    where: 'engine',
    expected: `at most ${most} calls to wait for the running one`,
    hint: 'Wait for some of them first (predictMany does), or load the model with a larger maxWaitingCalls',
  });
}
