import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from './package_version.js';

/**
 * A text that changes with every build of the toolkit, and when one of the named folders' files is changed afterwards:
 * version, and names, sizes and times of those files. undefined where the toolkit runs from its sources, which change
 * from one start to the next, or bundled into another program.
 * @param folders below the built package's root, read without those inside them.
 */
export function builtCode(folders: readonly string[], root: URL | undefined = ownRoot()): string | undefined {
  if (root?.pathname.endsWith('/dist/') !== true) return undefined;
  const hash = createHash('sha256');
  try {
    hash.update(packageVersion());
    for (const folder of folders) {
      const path = fileURLToPath(new URL(folder, root));
      for (const name of readdirSync(path).sort()) {
        if (!name.endsWith('.js')) continue;
        const { size, mtimeMs } = statSync(join(path, name));
        hash.update(`\n${folder}/${name} ${size} ${mtimeMs}`);
      }
    }
  } catch {
    // A program into which the toolkit was bundled.
    return undefined;
  }
  return hash.digest('hex');
}

/** Bundlers leave this package's address undefined in CommonJS. */
function ownRoot(): URL | undefined {
  const here: string | undefined = import.meta.url;
  return here === undefined ? undefined : new URL('../', here);
}
