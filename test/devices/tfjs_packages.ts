/** Where the scripts of this folder put packages, and how tests run with those of the engine tfjs. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Finished, run } from '../run_program.js';
import { ROOT } from '../workspace.js';
import { DEVICES_WANTED, FOLDER } from './emulators.js';

/** The folder that `tfjs_node.sh`, `tfjs_webgpu.sh` or `bundlers.sh` fills; undefined where it has not, or the tests are not wanted. */
export function packagesFolder(name: 'tfjs-node' | 'tfjs-webgpu' | 'bundlers', file: string): string | undefined {
  const folder = resolve(FOLDER, name);
  return DEVICES_WANTED && existsSync(resolve(folder, 'node_modules', file)) ? folder : undefined;
}

/** Runs test files of the project in a process of their own, whose environment chooses what they run on. */
export function runTests(files: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const vitest = [process.execPath, `${ROOT}node_modules/vitest/vitest.mjs`, 'run', '--reporter=dot', ...files];
  return run('env', [...settings, ...vitest], ROOT);
}
