/** What becomes of models whose graphics device is lost: a layer between Vulkan's loader and the driver says that it is. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { DriverFaults } from '../../benchmarks/gpu/driver_faults.js';
import { createEngine } from '../../engines/index.js';
import { needs } from '../needs.js';
import { temporaryFolder } from '../tools/command_line.js';
import { compiledFaults, hasFaults } from './driver_faults.js';
import { graphicsEnvironment } from './emulators.js';
import { INPUT, NETWORKS } from './tiny_networks.js';

describe('a device that is lost', needs('graphics', hasFaults), () => {
  const folder = temporaryFolder();
  let faults: DriverFaults;

  beforeAll(() => {
    faults = compiledFaults(folder);
    Object.assign(process.env, graphicsEnvironment, faults.losing);
  });

  test('is said by the run that meets it, and all models of the process run on, on another', async () => {
    const restarts: string[] = [];
    const options = { device: 'webgpu', onRestart: ({ code }: { readonly code: string }) => void restarts.push(code) };
    await using detector = await createEngine('onnxruntime', NETWORKS.detector, options);
    await using segmentor = await createEngine('onnxruntime', NETWORKS.segmentor, options);
    const before = [await detector.run({ input: INPUT }), await segmentor.run({ input: INPUT })];

    for (const losses of [1, 2]) {
      faults.lose();
      const calls = await Promise.allSettled([detector.run({ input: INPUT }), segmentor.run({ input: INPUT })]);
      expect(calls).toMatchObject([
        { status: 'rejected', reason: { code: 'lost-device', path: 'webgpu' } },
        // It waited for its turn, and had not begun.
        { status: 'fulfilled', value: before[1] },
      ]);
      expect(await detector.run({ input: INPUT })).toEqual(before[0]);
      expect(restarts).toHaveLength(2 * losses);
    }
    expect(new Set(restarts)).toEqual(new Set(['lost-device']));
  }, 120_000);
});
