import { untilAborted } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';

export interface SourceIterator<Source> {
  /** The next picture. @throws the signal's reason when aborted, also while the source waits. */
  next(): Promise<IteratorResult<Source, unknown>>;
  /** Tells the source that no more is wanted; one that waits is not waited for. */
  close(): void;
}

/**
 * Goes through a list of pictures, given or still coming.
 * @throws {LowformerError} `invalid-argument` for what is no list, or a single picture.
 */
export function sourceIterator<Source>(
  sources: Iterable<Source> | AsyncIterable<Source>,
  signal: AbortSignal | undefined,
): SourceIterator<Source> {
  checkSources(sources);
  const iterator: Iterator<Source> | AsyncIterator<Source> =
    Symbol.asyncIterator in sources ? sources[Symbol.asyncIterator]() : sources[Symbol.iterator]();
  let done = false;
  return {
    async next() {
      signal?.throwIfAborted();
      const step = await untilAborted(Promise.resolve(iterator.next()), signal);
      done = step.done === true;
      return step;
    },
    close() {
      if (done) return;
      // Of a generator that waits this is answered when it has its turn, which may be never.
      Promise.resolve(iterator.return?.()).catch(() => {});
    },
  };
}

function checkSources(given: unknown): void {
  const expected = 'a list of pictures: an array, an iterable or an async iterable';
  const iterable =
    typeof given === 'object' && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (iterable && !ArrayBuffer.isView(given)) return;
  const single = typeof given === 'string' || ArrayBuffer.isView(given);
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'sources',
    expected,
    received: given === undefined ? 'undefined' : given,
    ...(single ? { hint: 'For one picture call predict.' } : {}),
  });
}
