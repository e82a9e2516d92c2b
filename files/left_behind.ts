/**
 * Temporary files and folders carry their maker's process in their name. Whoever makes one removes, once a folder, those
 * whose maker was killed before it could.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OWNER_PATTERN, ownerName, ownerState, parseOwner, thisProcess } from './process_owner.js';

const ENDING = '.tmp';
const NAME = new RegExp(`^(?:.*-)?lowformer-${OWNER_PATTERN}-[0-9a-f]{12}[.]tmp$`, 's');

/** A name that nothing has, of a length that every file system takes. @param stem its beginning, of at most 64 bytes. */
export function temporaryName(stem = ''): string {
  const beginning = stem === '' ? '' : `${shorten(stem)}-`;
  return `${beginning}lowformer-${ownerName(thisProcess())}-${randomBytes(6).toString('hex')}${ENDING}`;
}

/** At most 64 bytes of a name, whole characters. */
function shorten(stem: string): string {
  const characters = [...stem].slice(0, 64);
  while (Buffer.byteLength(characters.join('')) > 64) characters.pop();
  return characters.join('');
}

const cleaned = new Set<string>();

/** Removes from `folder` what processes of this machine left that run no longer. What cannot be removed stays. */
export async function removeLeftBehind(folder: string): Promise<void> {
  if (cleaned.has(folder)) return;
  cleaned.add(folder);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const found = NAME.exec(name);
    if (found === null || ownerState(parseOwner(found.slice(1))) !== 'gone') continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  }
}
