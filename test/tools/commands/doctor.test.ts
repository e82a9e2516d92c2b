import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { threadLimit } from '../../../engines/index.js';
import { packageVersion } from '../../../files/package_version.js';
import { ROOT } from '../../workspace.js';
import { folderIn, lowformer, temporaryFolder } from '../command_line.js';

const reportSchema = z.strictObject({
  lowformer: z.string(),
  node: z.string(),
  platform: z.string(),
  engines: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      devices: z.array(
        z.strictObject({
          name: z.string(),
          available: z.boolean(),
          backend: z.string().optional(),
          reason: z.string().optional(),
          needs: z.string().optional(),
        }),
      ),
    }),
  ),
  packages: z.array(
    z.union([
      z.strictObject({
        name: z.enum(['onnxruntime-node', 'sharp', 'canvas', 'fastify', 'bullmq, ioredis', 'ffmpeg']),
        available: z.literal(true),
        version: z.string().optional(),
      }),
      z.strictObject({ name: z.literal('ffmpeg'), available: z.literal(false), needs: z.string() }),
    ]),
  ),
  threads: z.strictObject({ threads: z.int().min(1), reason: z.string() }),
  remembered: z.strictObject({ folder: z.string(), engines: z.record(z.string(), z.int().min(1)) }),
});

const cwd = temporaryFolder();
const installed = (name: string) =>
  z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))).version;

describe('lowformer doctor', () => {
  test('gives versions, engines, devices and threads as JSON', async () => {
    const { code, stdout } = await lowformer(['doctor', '--json', '-'], { cwd });
    expect(code).toBe(0);
    const { lowformer: version, node, packages, engines, threads } = reportSchema.parse(JSON.parse(stdout));
    expect([version, node]).toEqual([packageVersion(), process.version]);
    expect(packages).toHaveLength(6);
    const optional = packages.slice(3, 5).map((one) => [one.name, one.available ? one.version : one.needs]);
    expect(optional).toEqual([
      ['fastify', installed('fastify')],
      ['bullmq, ioredis', `${installed('bullmq')}, ${installed('ioredis')}`],
    ]);
    const [{ name, devices } = { name: '', devices: [] }] = engines;
    expect(name).toBe('onnxruntime');
    expect(devices).toContainEqual({ name: 'cpu', available: true });
    expect(devices.map((device) => device.name)).toEqual(['cpu', 'webgpu', 'cuda', 'tensorrt', 'coreml', 'dml']);
    for (const { available, reason, needs } of devices) {
      expect(available ? [reason, needs] : [typeof reason, typeof needs]).toEqual(
        available ? [undefined, undefined] : ['string', 'string'],
      );
    }
    expect(threads.threads).toBe(threadLimit().threads);
    const tfjs = engines.find((engine) => engine.name === 'tfjs');
    expect(tfjs?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(tfjs?.devices[0]).toEqual({
      name: 'cpu',
      available: true,
      backend: expect.stringMatching(/^(wasm|tfjs-node)$/),
    });
    const webgpu = tfjs?.devices.find((device) => device.name === 'webgpu');
    expect(webgpu?.available === true || webgpu?.reason?.includes('npm install') === true).toBe(true);
  });

  test('counts which engines were measured to be the fastest, and skips what cannot be read', async () => {
    const env = { LOWFORMER_CACHE: folderIn(cwd, 'cache') };
    const folder = folderIn(cwd, 'cache/engines');
    const name = (digit: number) => join(folder, `${String(digit).repeat(32)}.json`);
    const milliseconds = { onnxruntime: 20, openvino: 10 };
    for (const [i, engine] of ['openvino', 'onnxruntime', 'openvino'].entries()) {
      writeFileSync(name(i), JSON.stringify({ engine, milliseconds }));
    }
    writeFileSync(name(3), '{"engine":');
    const { stdout } = await lowformer(['doctor', '--json', '-'], { cwd, env });
    const { remembered } = reportSchema.parse(JSON.parse(stdout));
    expect(remembered).toEqual({ folder, engines: { onnxruntime: 1, openvino: 2 } });
    const words = await lowformer(['doctor'], { cwd, env });
    expect(words.stdout).toContain('\nauto       measured and remembered: openvino 2, onnxruntime 1\n');
  });

  test('says it in words', async () => {
    const { code, stdout } = await lowformer(['doctor', '--quiet'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lowformer +\d+\.\d+\.\d+\nnode +v/);
    expect(stdout).toMatch(/\nthreads +\d+ \(.+\)\n/);
    expect(stdout).toMatch(/\ncpu +yes\n/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
