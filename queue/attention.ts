/** What whoever gave a run out is told while it goes on: each thing once. */
import type { Log } from '../core/log.js';
import type { WorkerState } from './board.js';
import { processorsLine } from './worker_lines.js';

/** Milliseconds without a sign of life after which a worker is taken for gone. */
const GONE_AFTER = 20_000;
/** Milliseconds without a worker after which it is said. */
const PATIENCE = 5000;

export interface Attention {
  /** Looks at what workers say of themselves; gives those that live. @param now milliseconds. */
  look(states: readonly WorkerState[], now: number): readonly WorkerState[];
}

/** @param address of the queue, as it is shown. @param now milliseconds. */
export function createAttention(log: Pick<Log, 'say' | 'warn'>, address: string, now: number): Attention {
  const seen = new Map<string, { beat: number; at: number }>();
  const refused = new Set<string>();
  let manned = now;
  let alone = false;
  let processors: string | undefined;
  return {
    look(states, at) {
      const living = states.filter(({ name, beat }) => {
        const known = seen.get(name);
        if (known?.beat !== beat) seen.set(name, { beat, at });
        return at - (seen.get(name)?.at ?? at) < GONE_AFTER;
      });
      for (const { name, refuses } of living) {
        if (refuses === undefined || refused.has(name)) continue;
        refused.add(name);
        log.warn(`worker ${name} takes no pictures of this run: ${refuses}`);
      }
      const atWork = living.some(({ refuses }) => refuses === undefined);
      if (atWork) [manned, alone] = [at, false];
      if (!atWork && !alone && at - manned >= PATIENCE) {
        alone = true;
        log.warn(`no worker is at ${address}: start some with: lowformer worker --queue ${address}`);
      }
      const line = processorsLine(living);
      if (line !== undefined && line !== processors) log.warn(line);
      processors = line ?? processors;
      return living;
    },
  };
}
