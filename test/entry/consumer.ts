import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPacked, packPackage } from '../packed_package.js';
import { ROOT } from '../workspace.js';

export interface Consumer extends Disposable {
  readonly folder: string;
  /** What `npm publish` would send. */
  readonly tarball: string;
}

/** A project outside the repository with the package as npm packs it, and the consumer's programs of `test/fixtures`. */
export async function createConsumer(): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-consumer-'));
  const tarball = await packPackage(folder);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  await installPacked(join(modules, 'lowformer'), { tarball });
  for (const types of ['@types', 'undici-types']) {
    symlinkSync(join(ROOT, 'node_modules', types), join(modules, types), 'junction');
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  cpSync(join(ROOT, 'test/fixtures/consumer'), folder, { recursive: true });
  return { folder, tarball, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}
