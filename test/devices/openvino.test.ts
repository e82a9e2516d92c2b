/** The tests of the engine openvino once more, on the library that `openvino.sh` has brought. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { needs } from '../needs.js';
import { DEVICES_WANTED, FOLDER } from './emulators.js';
import { runTests } from './tfjs_packages.js';

const folder = resolve(FOLDER, 'openvino');
const files = [
  'test/engines/openvino',
  'test/engines/fed_parameters.test.ts',
  'test/tools/commands/engine_openvino.test.ts',
  'test/tools/commands/engine_auto.test.ts',
  'test/engines/auto/choose.test.ts',
  'test/tools/commands/doctor.test.ts',
];

test('OpenVINO passes every test of the engine', {
  timeout: 1_200_000,
  ...needs('openvino', DEVICES_WANTED && existsSync(resolve(folder, 'version'))),
}, async () => {
  const { code, stdout, stderr } = await runTests(files, { LOWFORMER_OPENVINO: folder });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/Tests.*\d+ passed/);
});
