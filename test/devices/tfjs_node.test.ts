/** The tests of the engine tfjs once more, on TensorFlow's native library, and every shipped config. */
import { expect, test } from 'vitest';
import { needs } from '../needs.js';
import { packagesFolder, runTests } from './tfjs_packages.js';

const folder = packagesFolder('tfjs-node', '@tensorflow/tfjs-node/deps/lib/libtensorflow.so');
const files = ['test/engines/tfjs', 'test/tools/commands/engine_tfjs.test.ts', 'test/tools/commands/doctor.test.ts'];

test('tfjs-node passes every test of the engine', {
  timeout: 1_200_000,
  ...needs('tfjsNode', folder !== undefined),
}, async () => {
  const { code, stdout, stderr } = await runTests(files, {
    LOWFORMER_PACKAGES: folder ?? '',
    LOWFORMER_TEST_BACKEND: 'tfjs-node',
    LOWFORMER_TEST_ALL: '1',
  });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Tests.*\d+ passed/);
});
