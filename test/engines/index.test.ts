import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createEngine, inspectDevices } from '../../engines/index.js';
import { fixture } from './models.js';

describe('createEngine', () => {
  it('names the engines that there are, and the nearest', async () => {
    const model = fixture('conv');
    await expect(createEngine('onnx-runtime', model, { device: 'cpu' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message:
        "engine: expected one of onnxruntime, openvino, tfjs but received 'onnx-runtime'. Did you mean onnxruntime?",
    });
    await expect(createEngine('toString', model, { device: 'cpu' })).rejects.toMatchObject({ path: 'engine' });
  });

  it('refuses an option that would be ignored', async () => {
    const misspelt = { device: 'cpu', thread: 1 };
    await expect(createEngine('onnxruntime', fixture('conv'), misspelt)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(
        /^options\.thread: expected an option of an engine .*\. Did you mean 'threads'\?$/,
      ),
    });
  });
});

describe('inspectDevices', () => {
  it('tells version, platform, devices and threads', async () => {
    const found = await inspectDevices();
    expect(found.onnxruntime).toMatch(/^1\.30\./);
    expect(found.platform).toBe(`${process.platform} ${process.arch}`);
    expect(found.devices).toContainEqual({ name: 'cpu', available: true });
    for (const { name, available, reason } of found.devices) {
      expect([name, typeof reason]).toEqual([name, available ? 'undefined' : 'string']);
    }
    expect(found.threads.threads).toBeGreaterThanOrEqual(1);
    expect(found.threads.threads).toBeLessThanOrEqual(availableParallelism());
  });
});
