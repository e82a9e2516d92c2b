/** The engine tfjs on WebGPU: on the machine's graphics processor, else on the software driver. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createEngine, inspectTfjs } from '../../engines/index.js';
import { optimise } from '../../graph/passes/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { ramp } from '../engines/models.js';
import { needs } from '../needs.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';
import { detector, segmentor } from '../tools/tiny_models.js';
import { expectSameStep } from '../training/network/step_agreement.js';
import { graphicsEnvironment, hasGraphics } from './emulators.js';
import { packagesFolder, runTests } from './tfjs_packages.js';

const folder = packagesFolder('tfjs-webgpu', 'webgpu/index.js') ?? '';
const env: Readonly<Record<string, string>> = {
  LOWFORMER_PACKAGES: folder,
  ...(hasGraphics ? graphicsEnvironment : {}),
};

describe('webgpu', { timeout: 1_200_000, ...needs('tfjsWebgpu', folder !== '') }, () => {
  beforeAll(() => {
    Object.assign(process.env, env);
  });

  test('is there', async () => {
    const { devices } = await inspectTfjs();
    expect(devices).toContainEqual({ name: 'webgpu', available: true, backend: 'webgpu' });
  });

  test.each([
    ['detector', detector.model],
    ['segmentor', segmentor.model],
  ])('gives the numbers of ONNX Runtime for a tiny %s, at two sizes', async (_, model) => {
    const network = optimise(formulaNetwork(buildModel(model).wholeGraph));
    await using engine = await createEngine('tfjs', network, { device: 'webgpu' });
    for (const input of [ramp([1, 3, 32, 64]), ramp([2, 3, 45, 37])]) {
      const [actual, reference] = [await engine.run({ input }), await runNetwork(network, { input })];
      for (const [name, expected] of Object.entries(reference)) {
        expect(relativeError(actual[name], expected), name).toBeLessThan(1e-5);
      }
    }
  });

  test.each(['detector', 'segmentor'] as const)(
    'gives the step of training of ONNX Runtime for a tiny %s',
    async (kind) => {
      await expectSameStep(kind, { engine: 'tfjs', device: 'webgpu' }, 1e-3);
    },
  );

  test('passes every test of the kernels', async () => {
    const { code, stdout, stderr } = await runTests(['test/engines/tfjs/kernels.test.ts'], {
      ...env,
      LOWFORMER_TEST_BACKEND: 'webgpu',
      LOWFORMER_TEST_DEVICE: 'webgpu',
    });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/Tests.*\d+ passed/);
  });
});
