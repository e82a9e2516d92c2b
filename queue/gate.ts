/** Work that goes side by side, and work that must be alone. */
export interface Gate {
  /** Together with others of its kind, as soon as nothing is alone. */
  together<Result>(work: () => Promise<Result>): Promise<Result>;
  /** When all that was begun before is done; nothing begins meanwhile. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createGate(): Gate {
  let last: Promise<unknown> = Promise.resolve();
  const running = new Set<Promise<unknown>>();
  const quiet = (promise: Promise<unknown>) => promise.catch(() => {});
  return {
    async together(work) {
      for (let seen: unknown; seen !== last; await seen) seen = last;
      const run = work();
      const done = quiet(run).finally(() => running.delete(done));
      running.add(done);
      return run;
    },
    alone(work) {
      const run = last.then(() => Promise.all(running)).then(work);
      last = quiet(run);
      return run;
    },
  };
}
