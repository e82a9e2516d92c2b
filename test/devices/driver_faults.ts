/** The layer by which a driver fails, compiled. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type DriverFaults, driverFaults } from '../../benchmarks/gpu/driver_faults.js';
import { ROOT } from '../workspace.js';
import { hasGraphics } from './emulators.js';

/** A graphics driver, and a C compiler for the layer. */
export const hasFaults = hasGraphics && spawnSync('cc', ['--version']).status === 0;

/** @param folder for the library and its description. @param seen where the process that loads it sees the library. */
export function compiledFaults(folder: string, seen = join(folder, 'driver_faults.so')): DriverFaults {
  const library = join(folder, 'driver_faults.so');
  const source = join(ROOT, 'benchmarks/gpu/driver_faults.c');
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const { status, stderr } = spawnSync('cc', [...warnings, '-shared', '-fPIC', '-o', library, source]);
  if (status !== 0) throw new Error(String(stderr));
  return driverFaults(seen, folder);
}
