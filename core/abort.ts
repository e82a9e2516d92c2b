/** Many calls on one signal: it gets one listener, however many calls wait for it, or Node warns of a leak. */

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Has `listener` called when the signal is aborted; at most once, and not for a signal that was aborted before.
 * @returns what takes it off again.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const known = waiting.get(signal);
  const listeners = known ?? new Set();
  if (known === undefined) {
    waiting.set(signal, listeners);
    const tellAll = () => {
      waiting.delete(signal);
      const all = [...listeners];
      // What they hold is not kept alive by a signal that lives on.
      listeners.clear();
      for (const each of all) each();
    };
    signal.addEventListener('abort', tellAll, { once: true });
  }
  // The same function may be given by several calls, and each is called.
  const own = () => listener();
  listeners.add(own);
  return () => listeners.delete(own);
}

/** The promise, or a rejection with the signal's reason as soon as it is aborted. */
export function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const off = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(off);
  });
}
