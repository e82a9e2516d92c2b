import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LowformerError } from '../../core/errors.js';
import { isSystemError, writingReason } from '../../files/system_error.js';

/**
 * What the system says of writing to the cache, as a user's mistake: also whose the folder is, since caches are shared
 * by accident, by a command that was run as another user. Any other error is given back as it is.
 */
export async function unwritableCache(folder: string, cause: unknown): Promise<unknown> {
  const reason = reasonOf(cause);
  if (reason === undefined) return cause;
  const owner = await foreignOwner(folder);
  const whose =
    owner === undefined
      ? ''
      : ` ${owner.folder} belongs to user ${owner.uid}, and this process is user ${owner.own}'s.`;
  return new LowformerError({
    code: 'unwritable-file',
    where: folder,
    expected: 'a cache that can be written to',
    hint: `${reason}${whose} Let LOWFORMER_CACHE name another folder.`,
    cause,
  });
}

function reasonOf(cause: unknown): string | undefined {
  if (cause instanceof LowformerError) return cause.code === 'unwritable-file' ? cause.parts.hint : undefined;
  return isSystemError(cause) ? writingReason(cause) : undefined;
}

/** Of the nearest folder that is there. */
async function foreignOwner(folder: string): Promise<{ folder: string; uid: number; own: number } | undefined> {
  const own = process.geteuid?.();
  const found = await stat(folder).catch(() => undefined);
  if (own === undefined) return undefined;
  if (found !== undefined) return found.uid === own ? undefined : { folder, uid: found.uid, own };
  return dirname(folder) === folder ? undefined : foreignOwner(dirname(folder));
}
