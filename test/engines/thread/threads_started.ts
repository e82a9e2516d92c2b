import type { Worker } from 'node:worker_threads';

export interface StartedThreads {
  /** Ends those that run, as a fault inside them would, and waits until they have. */
  kill(): Promise<void>;
  running(): number;
  forget(): void;
}

/** Follows the threads that this process starts from now on. */
export function startedThreads(): StartedThreads {
  const alive = new Set<Worker>();
  process.on('worker', (worker) => {
    alive.add(worker);
    worker.once('exit', () => alive.delete(worker));
  });
  return {
    async kill() {
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
    running: () => alive.size,
    forget: () => alive.clear(),
  };
}
