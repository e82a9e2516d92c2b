// Compiles to a new folder that takes the place of dist/: a build that fails leaves the last one as it was, and no file
// of an earlier build is left.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fresh = join(root, `dist-${process.pid}`);
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) takeItsPlace();
rmSync(fresh, { recursive: true, force: true });
process.exitCode = status ?? 1;

function takeItsPlace() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  renameSync(fresh, join(root, 'dist'));
  const command = join(root, 'dist', 'tools', 'lowformer.js');
  chmodSync(command, 0o755);
  // With this link npx finds the command of the checkout at once; without it, npx packs the checkout into its cache first.
  const bin = join(root, 'node_modules', '.bin');
  if (process.platform === 'win32' || !existsSync(bin)) return;
  rmSync(join(bin, 'lowformer'), { force: true });
  symlinkSync(join('..', '..', 'dist', 'tools', 'lowformer.js'), join(bin, 'lowformer'));
}
