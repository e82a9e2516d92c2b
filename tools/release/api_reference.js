// `npm run docs`: the API reference in docs/api, from the doc comments of what the package exports. TypeDoc reads programs
// with a TypeScript of its own: the project's compiler has no interface for other programs. Both come by npx, so that
// nobody else installs them. A warning is an error.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['typedoc@0.28.20', 'typescript@6.0.3'];
const root = fileURLToPath(new URL('../..', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Every path that can be imported and has types: `./dist/index.d.ts` is of `index.ts`. */
const types = (value) =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        key === 'types' && typeof inner === 'string' ? [inner] : types(inner),
      );
const sources = types(exports).map((path) => path.replace(/^\.\/dist\//, '').replace(/\.d\.ts$/, '.ts'));
const entries = [...new Set(sources)].filter((path) => existsSync(`${root}/${path}`));

const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
const packages = PACKAGES.flatMap((name) => ['--package', name]);
const { status } = spawnSync(npx, ['--yes', ...packages, 'typedoc', ...entries, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
process.exitCode = status ?? 1;
