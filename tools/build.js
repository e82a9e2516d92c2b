// Compiles and bundles to a new folder that takes the place of dist/: a build that fails leaves the last one as it was, and no file
// of an earlier build is left. With --if-older nothing is done where dist/ is newer than every source: npm runs this
// after an install, and npx does so before it starts the command of a checkout.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePage } from './build/bundle_page.js';
import { bundleVega } from './build/bundle_vega.js';
import { pruneDeclarations } from './build/prune_declarations.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = join(root, 'dist', 'tools', 'lowformer.js');
const outside = ['node_modules', 'dist', 'test', 'benchmarks', 'docs', 'assets', 'demo', 'out', '.git'];

if (!process.argv.includes('--if-older') || modified(command) < newestSource()) await build();

async function build() {
  const fresh = join(root, `dist-${process.pid}`);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    // What runs in pages is compiled with a browser's types; what both lead to comes out the same.
    for (const project of ['tsconfig.build.json', 'web/tsconfig.json']) {
      const { status } = spawnSync(process.execPath, [compiler, '-p', project, '--outDir', fresh], {
        cwd: root,
        stdio: 'inherit',
      });
      process.exitCode = status ?? 1;
      if (status !== 0) return;
    }
    await bundleVega(root, fresh);
    await bundlePage(root, fresh);
    pruneDeclarations(root, fresh);
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    renameSync(fresh, join(root, 'dist'));
    chmodSync(command, 0o755);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function newestSource() {
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !outside.includes(entry.name),
  );
  const nested = folders.flatMap(({ name }) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true }).map((entry) => ({
      path: join(entry.parentPath, entry.name),
      // What was removed from it shows there.
      isFolder: entry.isDirectory(),
    })),
  );
  const sources = nested.filter(
    ({ path, isFolder }) =>
      isFolder ||
      /\.ts$|tsconfig\.json$/.test(path) ||
      path.startsWith(join(root, 'tools', 'build')) ||
      path.startsWith(join(root, 'tools', 'web')),
  );
  const others = [
    'index.ts',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    ...folders.map(({ name }) => name),
  ];
  return Math.max(...[...sources.map(({ path }) => path), ...others.map((name) => join(root, name))].map(modified));
}

/** 0 for a file that is not there. */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
