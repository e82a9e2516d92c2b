/** Every kernel of the engine tfjs on WebGPU: on the machine's graphics processor, else on the software driver. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../workspace.js';
import { packagesFolder, runTests } from './tfjs_packages.js';

const folder = packagesFolder('tfjs-webgpu', 'webgpu/index.js');
const driver = resolve(ROOT, process.env.LOWFORMER_DEVICES ?? 'test/devices/.cache', 'lavapipe.json');
const software: Readonly<Record<string, string>> = existsSync(driver)
  ? { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver }
  : {};

test.skipIf(folder === undefined)('webgpu passes every test of the kernels', { timeout: 1_200_000 }, async () => {
  const { code, stdout, stderr } = await runTests(['test/engines/tfjs/kernels.test.ts'], {
    ...software,
    LOWFORMER_PACKAGES: folder ?? '',
    LOWFORMER_TEST_BACKEND: 'webgpu',
    LOWFORMER_TEST_DEVICE: 'webgpu',
  });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Tests.*\d+ passed/);
});
