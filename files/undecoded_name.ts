/**
 * Names of files that are no UTF-8 (an archive from an older system: `caf\xe9.jpg` in Latin-1). Node gives them as text in
 * which every such byte is U+FFFD, and no file has the name that this text stands for.
 */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';
import { isAbsence } from './system_error.js';

/** What stands for a byte that is no UTF-8. */
const UNDECODED = '\ufffd';

/** Whether a name may stand for one that is no UTF-8. */
export function isUndecoded(path: string): boolean {
  return path.includes(UNDECODED);
}

/** The way out, for a hint. */
export const UNDECODED_HINT =
  'A name on its way is no UTF-8, and what stands for it is not the only one. Rename the files: convmv -f latin1 -t utf8 -r --notest FOLDER.';

/** The path, in bytes, of the one file whose name is given as `path`; undefined where there is none, or several. */
export async function undecodedPath(path: string): Promise<Buffer | undefined> {
  let found = isAbsolute(path) ? Buffer.from(sep) : Buffer.from(`.${sep}`);
  for (const part of path.split(sep)) {
    if (part === '') continue;
    let name: Buffer | undefined = Buffer.from(part);
    if (isUndecoded(part)) {
      const names = await readdir(found, { encoding: 'buffer' }).catch(() => []);
      const same = names.filter((other) => other.toString() === part);
      name = same.length === 1 ? same[0] : undefined;
    }
    if (name === undefined) return undefined;
    found = Buffer.concat([found, name, Buffer.from(sep)]);
  }
  return found.subarray(0, -1);
}

/** `stat`, also of a name that is no UTF-8; undefined where there is nothing of that name. */
export async function statNamed(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (!isUndecoded(path) || !isAbsence(error)) return undefined;
    const bytes = await undecodedPath(path);
    return bytes === undefined ? undefined : stat(bytes).catch(() => undefined);
  }
}
