/** What whoever gave a run out is told while it goes on: each thing once. */
import { LowformerError } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { WorkerState } from './board.js';
import { processorsLine } from './worker_lines.js';

/** Milliseconds without a sign of life after which a worker is taken for gone. */
const GONE_AFTER = 20_000;
/** Milliseconds without a worker after which it is said. */
const PATIENCE = 5000;
/** Milliseconds in which another worker may come where all that came refuse the run. */
const REFUSED_FOR = 60_000;
/** Refusals that a message repeats. */
const MOST_TOLD = 4;

export interface Attention {
  /**
   * Looks at what workers say of themselves; gives those that live. @param now milliseconds.
   * @throws {LowformerError} `invalid-argument` where all that came have refused the run for a while, and nothing of it is done.
   */
  look(states: readonly WorkerState[], now: number): readonly WorkerState[];
}

/** @param address of the queue, as it is shown. @param now milliseconds. */
export function createAttention(log: Pick<Log, 'say' | 'warn'>, address: string, now: number): Attention {
  const seen = new Map<string, { beat: number; at: number }>();
  const refused = new Map<string, string>();
  let manned = now;
  let alone = false;
  let begun = false;
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
        refused.set(name, refuses);
        log.warn(`worker ${name} takes no pictures of this run: ${refuses}`);
      }
      const atWork = living.some(({ refuses }) => refuses === undefined);
      if (atWork) [manned, alone] = [at, false];
      begun ||= living.some(({ pictures }) => pictures > 0);
      if (!begun && refused.size > 0 && at - manned >= REFUSED_FOR) throw allRefuse(address, refused);
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

function allRefuse(where: string, refused: ReadonlyMap<string, string>): LowformerError {
  const told = [...refused].slice(0, MOST_TOLD).map(([name, reason]) => `\n  ${name}: ${reason}`);
  return new LowformerError({
    code: 'invalid-argument',
    where,
    expected: 'a worker that can take part in this run',
    received: refused.size === 1 ? 'one that cannot' : `${refused.size} that cannot`,
    hint: `They say:${told.join('')}`,
  });
}
