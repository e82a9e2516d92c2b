import { AUTO } from '../engines/auto/choice.js';
import { DEFAULT_ENGINE } from '../engines/engines.js';
import { threadLimit } from '../engines/thread/threads.js';
import type { LoadOptions } from './options.js';

/** Fewer are done before another session has been opened. */
const LEAST_PICTURES = 16;
/** Each has maps of its own in memory. */
const MOST_SESSIONS = 4;

/**
 * Sessions for so many pictures that are there already, where nobody says how many: one for each core, since threads that
 * have a picture each wait for no other, and those that share one do after every operation. One session for few pictures, where
 * threads were asked for, and on engines and devices that nobody has measured; what `auto` measures is measured with them.
 */
export function sessionsFor(pictures: number, { sessions, threads, engine, device }: LoadOptions): number {
  if (sessions !== undefined) return sessions;
  const measured = [DEFAULT_ENGINE, AUTO].includes(engine ?? DEFAULT_ENGINE) && (device ?? 'cpu') === 'cpu';
  if (!measured || threads !== undefined || pictures < LEAST_PICTURES) return 1;
  return Math.min(threadLimit().threads, MOST_SESSIONS);
}
