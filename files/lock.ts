/** One process at a time: a file that its maker holds while it works, and that says who that is. */

import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { parsedJson } from '../core/parsed_json.js';
import { type Owner, ownerState, thisProcess } from './process_owner.js';
import { isSystemError, writingReason } from './system_error.js';

export const LOCK_ENDING = '.lock';

export interface Lock extends AsyncDisposable {
  /** What was found and taken over: a sentence; undefined where there was nothing. */
  readonly takenOver: string | undefined;
}

const holderSchema = z.object({
  machine: z.string(),
  pid: z.int(),
  started: z.string(),
  host: z.string(),
  since: z.string(),
  /** So that two locks of one process differ. */
  token: z.string(),
});
type Holder = z.output<typeof holderSchema>;

/** A lock is written right after it is made: one that says nothing for so long never will. Milliseconds. */
const UNWRITTEN_FOR = 10_000;

/**
 * Takes the lock on `path`: makes `path.lock`. One whose process is gone from this machine is taken over.
 * @param work what its holder does, for messages: `run that writes there`.
 * @param otherwise what one can do besides waiting: `name another file`.
 * @throws {LowformerError} `invalid-argument` while another process holds it, saying which, since when, and what to do;
 *   `unwritable-file`.
 */
export async function takeLock(path: string, work: string, otherwise: string): Promise<Lock> {
  const file = path + LOCK_ENDING;
  const own = { ...thisProcess(), host: hostname(), since: new Date().toISOString(), token: token() };
  const holding = (takenOver: string | undefined): Lock => ({
    takenOver,
    [Symbol.asyncDispose]: () => release(file, own),
  });
  // Between looking and making another process may have come or gone.
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await make(file, own)) return holding(undefined);
    const held = await read(file);
    if (held === 'absent') continue;
    if (held === 'unwritten') throw refused(path, work, `${file} says nothing yet.`, file);
    const reason = stale(held);
    if (reason === undefined && held !== 'left') throw busy(path, work, otherwise, file, held);
    if (await replaceStale(file, held, own)) return holding(reason);
  }
  throw refused(path, work, 'Others take it again and again.', file);
}

async function make(file: string, own: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(`${JSON.stringify(own)}\n`);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'EEXIST') return false;
    if (!isSystemError(cause)) throw cause;
    const hint = `${writingReason(cause)} Nothing was written.`;
    throw new LowformerError({
      code: 'unwritable-file',
      where: file,
      expected: 'a place that can be written to',
      hint,
      cause,
    });
  }
}

/** A lock that says nothing although it is old was left by a process that was killed, or had no room, in between. */
async function read(file: string): Promise<Holder | 'absent' | 'unwritten' | 'left'> {
  try {
    const text = await readFile(file, 'utf8');
    const holder = holderSchema.safeParse(parsedJson(text));
    if (holder.success) return holder.data;
    return Date.now() - (await stat(file)).mtimeMs > UNWRITTEN_FOR ? 'left' : 'unwritten';
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return 'absent';
    throw error;
  }
}

function stale(held: Holder | 'left'): string | undefined {
  if (held === 'left') return 'A lock that says nothing was left behind, and is taken over.';
  if (ownerState(held) !== 'gone') return undefined;
  return `Process ${held.pid}, which held the lock since ${held.since}, is gone: it is taken over.`;
}

/**
 * Puts an own lock in the place of a stale one, which is there until then, so that nobody can make one meanwhile. Of
 * several processes that want to, the one that makes `path.lock.taking` may; the others wait and look again.
 */
async function replaceStale(file: string, held: Holder | 'left', own: Holder): Promise<boolean> {
  const taking = `${file}.taking`;
  if (!(await make(taking, own))) {
    if (await isOld(taking)) await rm(taking, { force: true });
    await setTimeout(TAKING_FOR);
    return false;
  }
  const fresh = `${file}.${own.token}`;
  try {
    const found = await read(file);
    const same = typeof found === 'object' && typeof held === 'object' ? found.token === held.token : found === held;
    if (!same || !(await make(fresh, own))) return false;
    await rename(fresh, file);
    const now = await read(file);
    return typeof now === 'object' && now.token === own.token;
  } finally {
    await rm(fresh, { force: true });
    await rm(taking, { force: true });
  }
}

/** Milliseconds that taking over takes, with some to spare. */
const TAKING_FOR = 25;

/** Left by a process that was killed while it took over. */
async function isOld(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > UNWRITTEN_FOR;
}

/** Removes the lock, where it is still this one's. */
async function release(file: string, own: Holder): Promise<void> {
  const held = await read(file).catch(() => 'absent' as const);
  if (typeof held === 'object' && held.token === own.token) await rm(file, { force: true }).catch(() => {});
}

function busy(
  path: string,
  work: string,
  otherwise: string,
  file: string,
  { pid, host, since, ...owner }: Holder,
): LowformerError {
  const elsewhere = ownerState({ pid, ...owner } satisfies Owner) === 'elsewhere';
  const who = `Process ${pid} on ${elsewhere ? host : 'this machine'} holds it since ${since}`;
  const wayOut = elsewhere
    ? `if it runs no longer there, remove ${file}; else wait for it, or ${otherwise}.`
    : `wait for it, or ${otherwise}.`;
  return refused(path, work, `${who}: ${wayOut}`);
}

function refused(where: string, work: string, reason: string, file?: string): LowformerError {
  const hint = file === undefined ? reason : `${reason} Try again, or remove ${file} if nothing writes there.`;
  return new LowformerError({ code: 'invalid-argument', where, expected: `no other ${work} at the same time`, hint });
}

function token(): string {
  return randomBytes(8).toString('hex');
}
