import { readFileSync } from 'node:fs';

/** The folder that holds package.json, both from the sources and from dist/. */
export function packageRoot(): URL {
  const here = new URL('../', import.meta.url);
  return here.pathname.endsWith('/dist/') ? new URL('../', here) : here;
}

/** This package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', packageRoot()), 'utf8');
  // Without a schema: reading the schema library takes longer than all else that `lowformer --version` does.
  const facts: unknown = JSON.parse(text);
  if (typeof facts === 'object' && facts !== null && 'version' in facts && typeof facts.version === 'string') {
    return facts.version;
  }
  throw new TypeError('package.json has no version');
}
