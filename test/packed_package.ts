import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './run_program.js';
import { ROOT } from './workspace.js';

/**
 * The package as the registry would hand it out, with its files and no others: path of the archive. No script of the
 * package runs: it has been built already.
 * @param folder gets the archive.
 */
export async function packPackage(folder: string): Promise<string> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const { code, stderr } = await run(npm, args, ROOT);
  if (code !== 0) throw new Error(`npm pack: ${stderr}`);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  return join(folder, tarball);
}

/**
 * Puts the packed package where a project has it; what it depends on is the repository's.
 * @param folder `node_modules/lowformer` of a project; what is there is replaced.
 * @param tarball packed already; packed anew where none is given.
 * @param packages the only ones that it finds, where not all of the repository's.
 */
export async function installPacked(
  folder: string,
  { tarball, packages }: { readonly tarball?: string; readonly packages?: readonly string[] } = {},
): Promise<void> {
  const packing = mkdtempSync(join(tmpdir(), 'lowformer-pack-'));
  try {
    const extracted = await run('tar', ['-xzf', tarball ?? (await packPackage(packing)), '-C', packing], packing);
    if (extracted.code !== 0) throw new Error(`tar: ${extracted.stderr}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(join(packing, 'package'), folder);
  } finally {
    rmSync(packing, { recursive: true, force: true });
  }
  for (const name of packages ?? ['']) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place, 'junction');
  }
}
