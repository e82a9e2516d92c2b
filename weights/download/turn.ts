/** One process at a time downloads a file; the others wait, and find it there. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LowformerError } from '../../core/errors.js';
import { type Lock, takeLock } from '../../files/lock.js';
import { unwritableCache } from './cache_owner.js';
import type { CachedFile } from './cached_file.js';

export interface TurnOptions {
  readonly signal: AbortSignal;
  /** Told once that another process is at it. */
  readonly onWait: () => void;
}

/** Milliseconds between two looks. */
const LOOK_EVERY = 200;
/** Milliseconds without a change of the file that another process downloads, after which that is said to hang. */
const HANGS_AFTER = 600_000;

/**
 * Waits for the file's lock. A process that was killed holds none: its lock is taken over.
 * @throws {LowformerError} `unwritable-file`; `invalid-argument` where another process holds it and does nothing for long.
 * @throws the signal's reason.
 */
export async function takeTurn(cached: CachedFile, { signal, onWait }: TurnOptions): Promise<Lock> {
  const folder = dirname(cached.lock);
  let waits = false;
  let changed = Date.now();
  let size = -1;
  for (;;) {
    signal.throwIfAborted();
    try {
      await mkdir(folder, { recursive: true });
      return await takeLock(cached.lock, 'download of that file', 'let LOWFORMER_CACHE name another folder');
    } catch (error) {
      const isBusy = error instanceof LowformerError && error.code === 'invalid-argument';
      if (!isBusy) throw await unwritableCache(folder, error);
      const now = await sizeOf(cached.partial);
      if (now !== size) [size, changed] = [now, Date.now()];
      if (Date.now() - changed > HANGS_AFTER) throw error;
      if (!waits) onWait();
      waits = true;
      await setTimeout(LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? -1;
}
