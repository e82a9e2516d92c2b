import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The folder that holds package.json, both from the sources and from dist/. */
export function packageRoot(): URL {
  const here = new URL('../', import.meta.url);
  return here.pathname.endsWith('/dist/') ? new URL('../', here) : here;
}

/** This package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', packageRoot()), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
