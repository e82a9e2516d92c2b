import { mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run_program.js';
import { ROOT } from './workspace.js';

/**
 * Puts the package as the registry would hand it out, with its files and no others, where a project has it; what it
 * depends on is the repository's. No script of the package runs: it has been built already.
 * @param folder `node_modules/lowformer` of a project; what is there is replaced.
 */
export async function installPacked(folder: string): Promise<void> {
  const packing = mkdtempSync(join(tmpdir(), 'lowformer-pack-'));
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', packing];
    const { code, stderr } = await run(npm, args, ROOT);
    if (code !== 0) throw new Error(`npm pack: ${stderr}`);
    const [tarball = ''] = readdirSync(packing);
    const extracted = await run('tar', ['-xzf', tarball], packing);
    if (extracted.code !== 0) throw new Error(`tar: ${extracted.stderr}`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(packing, 'package'), folder);
  } finally {
    rmSync(packing, { recursive: true, force: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
}
