import type { Engine } from './engine.js';
import { threadLimit } from './thread/threads.js';

/** Threads of each of so many sessions, where nobody says: the cores are shared out. */
export function threadsOfEach(sessions: number): number {
  return Math.max(1, Math.floor(threadLimit().threads / sessions));
}

/**
 * Several engines of one network as one that has so many calls run at once: each call goes to the engine with the fewest
 * of them. Disposing disposes of all.
 */
export function severalSessions(device: string, engines: readonly Engine[]): Engine {
  const sessions = engines.map((engine) => ({ engine, calls: 0 }));
  return {
    device,
    async run(inputs, options) {
      const session = sessions.reduce((best, other) => (other.calls < best.calls ? other : best));
      session.calls += 1;
      try {
        return await session.engine.run(inputs, options);
      } finally {
        session.calls -= 1;
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()));
    },
  };
}
