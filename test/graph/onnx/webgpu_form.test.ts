/** What is written for WebGPU is the same function: run on the processor, where both forms of a file run. */
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../../core/tensor.js';
import type { Network } from '../../../graph/graph.js';
import { everyOperation, OPERATIONS_INPUT } from '../../devices/tiny_networks.js';
import { CHANNELS, convolutionsOf, poolingsOfEqualPixels } from '../../devices/webgpu_networks.js';
import { onnxBytes, relativeError, runOnnx } from '../../run_network.js';

/** Gives the two files, the one for WebGPU last. */
async function expectSame(network: Network, input: Tensor): Promise<readonly [Uint8Array, Uint8Array]> {
  const files = [onnxBytes(network), onnxBytes(network, 'float32', 'webgpu')] as const;
  const [plain, form] = [await runOnnx(files[0], { input }), await runOnnx(files[1], { input })];
  expect(Object.keys(form)).toEqual(Object.keys(plain));
  for (const [name, reference] of Object.entries(plain)) {
    expect(relativeError(form[name], reference), name).toBeLessThan(1e-6);
  }
  return files;
}

describe('convolutions', () => {
  test.each(CHANNELS)('of %d channels', async (channels) => {
    const { network, input } = convolutionsOf(channels);
    const [plain, form] = await expectSame(network, input);
    const padded = [6, 9, 15, 18, 27].includes(channels);
    expect(form.length > plain.length, 'has further channels').toBe(padded);
    if (!padded) expect(form).toEqual(plain);
  });
});

test('the gradient of a pooling goes to the first of equal pixels', async () => {
  await expectSame(poolingsOfEqualPixels(), OPERATIONS_INPUT);
});

test('every operation', async () => {
  await expectSame(everyOperation(), OPERATIONS_INPUT);
});
