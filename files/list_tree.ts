import { readdir, realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

/**
 * Every file below a folder, as paths from it on with `/`, unsorted. Links are followed, but not in a circle. What is
 * hidden is left out (macOS leaves `._NAME.jpg` in archives), and what may not be looked into. No pattern is involved:
 * patterns pass over names that begin with a new line, and cannot look into folders whose names are no UTF-8.
 */
export async function listTree(folder: string): Promise<readonly string[]> {
  const root = Buffer.from(resolve(folder));
  const found: string[] = [];
  await walk(root, '', [await placeOf(root)], found);
  return found;
}

/** @param above the real places of the folder and of those that it was reached through. */
async function walk(folder: Buffer, prefix: string, above: readonly string[], found: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' }).catch(() => []);
  for (const entry of entries) {
    const name = entry.name.toString();
    if (name.startsWith('.')) continue;
    const path = Buffer.concat([folder, Buffer.from(sep), entry.name]);
    const linked = entry.isSymbolicLink();
    const isFolder = linked ? ((await stat(path).catch(() => undefined))?.isDirectory() ?? false) : entry.isDirectory();
    if (isFolder) {
      const place = await placeOf(path);
      if (!above.includes(place)) await walk(path, `${prefix}${name}/`, [...above, place], found);
    } else if (linked || entry.isFile()) found.push(prefix + name);
  }
}

/** In Latin-1, which has a letter for each byte. */
async function placeOf(path: Buffer): Promise<string> {
  const place = await realpath(path, { encoding: 'buffer' }).catch(() => path);
  return place.toString('latin1');
}
