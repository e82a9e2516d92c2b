/** Where packages are that are not installed with this one: what needs one loads it when it is asked for. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parsedJson } from '../core/parsed_json.js';

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

/** The version of a package that `findPackage` finds; undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  const file = findPackage(name);
  if (file === undefined) return undefined;
  // Its own description is in one of the folders around the file, and may be the one of a part of it in others.
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const facts = described(join(folder, 'package.json'));
    if (facts?.name === name) return facts.version;
  }
  return undefined;
}

function described(file: string): { readonly name: unknown; readonly version: string } | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const facts = parsedJson(text);
  if (typeof facts !== 'object' || facts === null || !('name' in facts) || !('version' in facts)) return undefined;
  return typeof facts.version === 'string' ? { name: facts.name, version: facts.version } : undefined;
}
