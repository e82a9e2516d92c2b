/** What runs in a loading thread; where none can be started, in the calling one. */
import { type ErrorParts, LowformerError } from '../../core/errors.js';
import type { Answering } from '../../engines/thread/answers.js';
import { type LoadingSetup, prepareBatch } from './prepare.js';
import type { LoadingAnswer, LoadingRequest } from './protocol.js';

const WHERE = 'training data';

/** Answers requests about one set of training data. */
export function loadingSession(): Answering<LoadingRequest, LoadingAnswer> {
  let setup: LoadingSetup | undefined;
  return {
    where: WHERE,
    async answer(request) {
      switch (request.kind) {
        case 'open':
          setup = request.setup;
          return { kind: 'opened' };
        case 'prepare':
          if (setup === undefined) throw new Error('asked for a batch before it was opened');
          return { kind: 'prepared', batch: await prepareBatch(setup, request.planned) };
        case 'close':
          setup = undefined;
          return { kind: 'closed' };
      }
    },
    transfer: (answer) => (answer.kind === 'prepared' ? buffersOf(answer) : []),
    failure: partsOf,
  };
}

/** The large ones; boxes are copied. */
function buffersOf({ batch: { input, labels } }: Extract<LoadingAnswer, { kind: 'prepared' }>): readonly ArrayBuffer[] {
  return [input.data.buffer, labels?.data.buffer].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** A user's mistake as it is, without what cannot be sent; anything else with its own words. */
function partsOf(error: unknown): ErrorParts {
  if (error instanceof LowformerError) {
    const { cause: _, ...parts } = error.parts;
    return parts;
  }
  const hint = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'engine-failure', where: WHERE, expected: 'a batch to be prepared', hint };
}
