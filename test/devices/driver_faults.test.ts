/** Drivers that hang, and cards that are too small: a layer between Vulkan's loader and the driver makes them so. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DriverFaults } from '../../benchmarks/gpu/driver_faults.js';
import { createEngine } from '../../engines/index.js';
import { needs } from '../needs.js';
import { COMMAND, lowformer, temporaryFolder } from '../tools/command_line.js';
import { ROOT } from '../workspace.js';
import { compiledFaults, hasFaults } from './driver_faults.js';
import { graphicsEnvironment } from './emulators.js';
import { INPUT, NETWORKS } from './tiny_networks.js';

const PICTURE = join(ROOT, 'assets/blood_cells.jpg');
const found = z.object({
  engines: z.array(
    z.object({
      name: z.string(),
      devices: z.array(z.object({ name: z.string(), available: z.boolean(), reason: z.string().optional() })),
    }),
  ),
});

describe('with a driver that fails', needs('graphics', hasFaults), () => {
  const cwd = temporaryFolder();
  let faults: DriverFaults;
  beforeAll(() => {
    faults = compiledFaults(cwd);
  });

  /** Processes that this environment was given to. */
  const holding = (): readonly string[] =>
    readdirSync('/proc').filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'utf8').includes(`VK_LAYER_PATH=${cwd}`);
      } catch {
        return false;
      }
    });
  const environment = (env: Readonly<Record<string, string>>) => ({ ...graphicsEnvironment, ...env });

  // They wait, and calculate nothing.
  describe.concurrent('by never answering', () => {
    test('doctor says so, tries the other devices and leaves no process behind', async () => {
      const env = environment(faults.hanging('vkCreateDevice'));
      const { code, stdout, stderr } = await lowformer(['doctor', '--json', '-'], { cwd, env, process: 'own' });
      expect(code, stderr).toBe(0);
      const [{ devices } = { devices: [] }] = found.parse(JSON.parse(stdout)).engines;
      expect(devices.find(({ name }) => name === 'webgpu')).toEqual({
        name: 'webgpu',
        available: false,
        reason: 'its driver has not answered within 30 s: it hangs, or is very slow',
      });
      expect(devices.find(({ name }) => name === 'cpu')?.available).toBe(true);
      expect(devices.find(({ name }) => name === 'cuda')?.reason).toContain('OrtSessionOptionsAppendExecutionProvider');
    });

    test.each([
      ['vkCreateDevice', 'opening it', 'lowformer: interrupted\nlowformer: waiting for what still runs in native code'],
      ['vkWaitForFences', 'a run of the network', 'lowformer: interrupted, and waiting for what still runs'],
    ] as const)(
      'a call of detect that hangs in %s says what it waits for, and can be interrupted',
      async (call, what, said) => {
        const args = ['detect', 'blood-cells', PICTURE, '--device', 'webgpu', '--json', 'cells.json'];
        const env = { ...process.env, ...environment(faults.hanging(call)) };
        const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
        let stderr = '';
        const signs = [/so far/, /waiting for what still runs/];
        child.stderr.on('data', (piece) => {
          stderr += String(piece);
          if (signs[0]?.test(stderr) === true) {
            signs.shift();
            child.kill('SIGINT');
          }
        });
        const by = await new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
        expect(by, stderr).toBe('SIGINT');
        expect(stderr).toContain(`webgpu: ${what} has taken 15 s so far.`);
        expect(stderr).toContain(said);
      },
    );
  });

  test('nothing of these calls is left', () => {
    expect(readdirSync(cwd).filter((name) => name.endsWith('.json') && !name.startsWith('VK_'))).toEqual([]);
    expect(holding()).toEqual([]);
  });

  test('a network that the card is too small for is an error of memory, and one of another device runs on', async () => {
    Object.assign(process.env, environment(faults.small(1)));
    await using beside = await createEngine('onnxruntime', NETWORKS.detector, { device: 'cpu' });
    await using engine = await createEngine('onnxruntime', NETWORKS.detector, { device: 'webgpu' });
    for (const _ of [1, 2]) {
      await expect(engine.run({ input: INPUT })).rejects.toMatchObject({ code: 'out-of-memory', path: 'webgpu' });
    }
    expect(Object.keys(await beside.run({ input: INPUT }))).not.toEqual([]);
  });
});
