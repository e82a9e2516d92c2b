/** Where packages are that are not installed with this one: what needs one loads it when it is asked for. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A folder whose node_modules hold the optional packages, where they do not lie beside this one. */
const FOLDER = process.env.LOWFORMER_PACKAGES;

/** From this package; bundlers leave its address undefined in CommonJS, where the working directory's packages count. */
export function ownRequire(): NodeJS.Require {
  const here: string | undefined = import.meta.url;
  ownPackages ??= createRequire(here ?? join(process.cwd(), 'package.json'));
  return ownPackages;
}

let ownPackages: NodeJS.Require | undefined;

/** The file that a package is loaded from; undefined where it is not installed. */
export function findPackage(name: string): string | undefined {
  const places = FOLDER === undefined ? [ownRequire()] : [createRequire(join(FOLDER, 'package.json')), ownRequire()];
  for (const { resolve } of places) {
    try {
      return resolve(name);
    } catch {
      // The next place.
    }
  }
  return undefined;
}
