/** What `npm install lowformer` brings, by the lock file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './workspace.js';

const names = z.record(z.string(), z.string()).default({});
const entrySchema = z.object({
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  libc: z.array(z.string()).optional(),
});
const { packages } = z
  .object({ packages: z.record(z.string(), entrySchema) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));

export interface Platform {
  readonly os: string;
  readonly cpu: string;
  /** Left out: packages of every C library count, as npm 10 installs them. */
  readonly libc?: string;
}

/** The dependencies that this package declares for its users; without and with those that are optional to install. */
export const DECLARED: { readonly dependencies: readonly string[]; readonly peers: readonly string[] } = {
  dependencies: Object.keys(packages['']?.dependencies ?? {}),
  peers: Object.keys(packages['']?.peerDependencies ?? {}),
};

/** Paths in `node_modules` of all packages that are installed with this one, without it. */
export function productionPackages(platform: Platform): readonly string[] {
  const found = new Set<string>();
  const pending = DECLARED.dependencies.map((name) => pathOf(name, ''));
  for (const path of pending) {
    const entry = path === undefined ? undefined : packages[path];
    if (path === undefined || entry === undefined || found.has(path) || !runsOn(entry, platform)) continue;
    found.add(path);
    const { dependencies, optionalDependencies } = entry;
    pending.push(...Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => pathOf(name, path)));
  }
  return [...found].map((path) => path.replace(/^node_modules\//, ''));
}

/** Where a package finds another: beside its own dependencies, else beside those of the packages around it. */
function pathOf(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}

function runsOn({ os, cpu, libc }: z.infer<typeof entrySchema>, platform: Platform): boolean {
  const allows = (list: readonly string[] | undefined, one: string | undefined) =>
    list === undefined || one === undefined || list.includes(one);
  return allows(os, platform.os) && allows(cpu, platform.cpu) && allows(libc, platform.libc);
}
