import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { watchDriver } from '../../../engines/onnxruntime/slow_driver.js';

describe('a driver that takes long', () => {
  it('is told of once, and its work is done', async () => {
    const told: string[] = [];
    const watching = watchDriver('webgpu', (line) => told.push(line), 0.01);
    expect(await watching('opening it', sleep(50, 'opened'))).toBe('opened');
    expect(await watching('a run of the network', sleep(50, 'ran'))).toBe('ran');
    expect(told).toEqual([expect.stringMatching(/^webgpu: opening it has taken 0\.01 s so far\. .*lowformer doctor/)]);
  });

  it('is not told of where it is quick, where its work fails, or on the processor', async () => {
    const told: string[] = [];
    const tell = (line: string) => void told.push(line);
    await watchDriver('webgpu', tell, 0.05)('a run', sleep(1));
    await expect(watchDriver('webgpu', tell, 0.05)('a run', Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    await watchDriver('cpu', tell, 0.01)('a run', sleep(50));
    await sleep(100);
    expect(told).toEqual([]);
  });
});
