/** The package that speaks HTTP. This is the only place that loads it: whoever serves nothing does without. */
import { pathToFileURL } from 'node:url';
import type { fastify, LogController } from 'fastify';
import { LowformerError } from '../core/errors.js';
import { findPackage } from '../engines/optional_packages.js';

/** What of the package is used. */
export interface Fastify {
  readonly fastify: typeof fastify;
  readonly LogController: typeof LogController;
}

const INSTALL = 'npm install fastify@5';

/** @throws {LowformerError} `missing-package`, with the command that installs it. */
export async function loadFastify(): Promise<Fastify> {
  const file = findPackage('fastify');
  if (file === undefined) throw missing();
  const loaded: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw missing(cause);
  });
  if (!isFastify(loaded)) throw missing();
  return loaded;
}

function missing(cause?: unknown): LowformerError {
  const expected = 'the package fastify in version 5.12 or a later one of 5';
  const parts = { code: 'missing-package', where: 'serve', expected, hint: `Install it with: ${INSTALL}` } as const;
  return new LowformerError(cause === undefined ? parts : { ...parts, cause });
}

/** Earlier versions have no `LogController`. */
function isFastify(loaded: unknown): loaded is Fastify {
  if (typeof loaded !== 'object' || loaded === null) return false;
  return ['fastify', 'LogController'].every((name) => name in loaded);
}
