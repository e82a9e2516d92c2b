/** What becomes of models whose graphics device is lost: a layer between Vulkan's loader and the driver says that it is. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DeviceLoss, deviceLoss } from '../../benchmarks/gpu/device_loss.js';
import { createEngine } from '../../engines/index.js';
import { needs } from '../needs.js';
import { temporaryFolder } from '../tools/command_line.js';
import { ROOT } from '../workspace.js';
import { graphicsEnvironment, hasGraphics } from './emulators.js';
import { INPUT, NETWORKS } from './tiny_networks.js';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;

describe('a device that is lost', needs('graphics', hasGraphics && hasCompiler), () => {
  const folder = temporaryFolder();
  let loss: DeviceLoss;

  beforeAll(() => {
    const library = join(folder, 'device_loss.so');
    const source = join(ROOT, 'benchmarks/gpu/device_loss.c');
    const { status, stderr } = spawnSync('cc', [
      '-Wall',
      '-Wextra',
      '-Werror',
      '-shared',
      '-fPIC',
      '-o',
      library,
      source,
    ]);
    expect(status, String(stderr)).toBe(0);
    loss = deviceLoss(library, folder);
    Object.assign(process.env, graphicsEnvironment, loss.env);
  });

  test('is said by the run that meets it, and all models of the process run on, on another', async () => {
    const restarts: string[] = [];
    const options = { device: 'webgpu', onRestart: ({ code }: { readonly code: string }) => void restarts.push(code) };
    await using detector = await createEngine('onnxruntime', NETWORKS.detector, options);
    await using segmentor = await createEngine('onnxruntime', NETWORKS.segmentor, options);
    const before = [await detector.run({ input: INPUT }), await segmentor.run({ input: INPUT })];

    for (const losses of [1, 2]) {
      loss.lose();
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
