import { afterEach, describe, expect, it, vi } from 'vitest';
import { LowformerError } from '../../../core/errors.js';
import { createEngine, type Engine, onnxModel } from '../../../engines/index.js';
import { restarting } from '../../../engines/thread/restarting.js';
import { CallNotBegun } from '../../../engines/thread/worker_calls.js';
import { fixture, ramp } from '../models.js';
import { startedThreads } from './threads_started.js';

const inputs = { input: ramp([1, 3, 16, 16]) };
const death = new LowformerError({ code: 'engine-failure', where: 'w', expected: 'to live', hint: 'It stopped: x' });

describe('an engine whose thread has died', () => {
  const threads = startedThreads();
  afterEach(() => threads.forget());

  it('is loaded again from the same model by the next call, and says why', async () => {
    const told: string[] = [];
    const model = fixture('slow');
    let read = 0;
    const counted = {
      ...model,
      chunks: () => {
        read += 1;
        return model.chunks();
      },
    };
    const options = { device: 'cpu', threads: 1, onRestart: (reason: LowformerError) => told.push(reason.message) };
    await using engine = await createEngine('onnxruntime', counted, options);
    const expected = await engine.run(inputs);
    await threads.kill();
    expect(threads.running()).toBe(0);
    expect(told).toEqual([]);
    expect((await engine.run(inputs)).output?.data).toEqual(expected.output?.data);
    expect(told).toEqual(['onnxruntime: expected the engine to stay alive. It stopped: its thread ended with code 1']);
    expect([read, threads.running()]).toEqual([2, 1]);

    await threads.kill();
    const order: number[] = [];
    const calls = [1, 2, 3].map(async (i) => {
      await engine.run(inputs);
      order.push(i);
    });
    await Promise.all(calls);
    expect(order).toEqual([1, 2, 3]);
    expect([read, told.length]).toEqual([3, 2]);
  });

  it('is not loaded for a call that is given up', async () => {
    await using engine = await createEngine('onnxruntime', fixture('slow'), { device: 'cpu', threads: 1 });
    await threads.kill();
    const controller = new AbortController();
    const call = engine.run(inputs, { signal: controller.signal });
    setTimeout(() => controller.abort('no'), 1);
    await expect(call).rejects.toBe('no');
    expect((await engine.run(inputs)).output?.shape).toEqual([1, 8, 1, 1]);
  });

  it('can be disposed of, and is not loaded again then', async () => {
    const engine = await createEngine('onnxruntime', fixture('slow'), { device: 'cpu', threads: 1 });
    await threads.kill();
    const call = expect(engine.run(inputs)).rejects.toMatchObject({ code: 'disposed' });
    // Two turns of the event loop: the restart is under way.
    await new Promise((resolve) => setTimeout(resolve, 2));
    await engine[Symbol.asyncDispose]();
    await call;
    await expect(engine.run(inputs)).rejects.toMatchObject({ code: 'disposed' });
    // The thread ends by itself, when its native code returns.
    await vi.waitFor(() => expect(threads.running()).toBe(0), 10_000);
  });

  it('says so when its model can no longer be read', async () => {
    const { byteLength, chunks } = fixture('slow');
    let open = true;
    const closing = { byteLength, chunks: () => (open ? chunks() : onnxModel(new Uint8Array()).chunks()) };
    await using engine = await createEngine('onnxruntime', closing, { device: 'cpu', threads: 1 });
    open = false;
    await threads.kill();
    await expect(engine.run(inputs)).rejects.toMatchObject({ message: expect.stringContaining('cannot be read') });
  });
});

describe('restarting', () => {
  /** An engine of one life: it answers as often as it is told, then its calls do not begin. */
  const mortal = (answers: number): Engine => ({
    device: 'cpu',
    run: async () => {
      answers -= 1;
      if (answers < 0) throw new CallNotBegun(death);
      return {};
    },
    [Symbol.asyncDispose]: async () => {},
  });

  it('gives up after three restarts without a success, and not before', async () => {
    let starts = 0;
    const engine = restarting(mortal(0), {
      start: async () => {
        starts += 1;
        return mortal(starts === 3 ? 1 : 0);
      },
    });
    expect(await engine.run({})).toEqual({});
    expect(starts).toBe(3);
    const hint = 'It stopped: x, for the 4th time in a row. Load the model anew';
    await expect(engine.run({})).rejects.toMatchObject({ code: 'engine-failure', parts: { hint } });
    expect(starts).toBe(6);
    await expect(engine.run({})).rejects.toMatchObject({ parts: { hint } });
    expect(starts).toBe(6);
  });

  it('tries again a minute after it gave up', async () => {
    let starts = 0;
    const start = async () => mortal(++starts === 4 ? 1 : 0);
    const engine = restarting(mortal(0), { start });
    await expect(engine.run({})).rejects.toMatchObject({ code: 'engine-failure' });
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 59_000);
    await expect(engine.run({})).rejects.toMatchObject({ code: 'engine-failure' });
    expect(starts).toBe(3);
    clock.mockReturnValue(now + 61_000);
    expect(await engine.run({})).toEqual({});
    clock.mockRestore();
  });

  it('passes on what the start throws, and tries again with the next call', async () => {
    let starts = 0;
    const engine = restarting(mortal(0), {
      start: async () => {
        starts += 1;
        if (starts === 1) throw new Error('no room');
        return mortal(1);
      },
    });
    await expect(engine.run({})).rejects.toThrow('no room');
    expect(await engine.run({})).toEqual({});
  });

  it('leaves a call alone that failed by itself', async () => {
    const failing = { ...mortal(0), run: () => Promise.reject(death) };
    const engine = restarting(failing, { start: () => Promise.reject(new Error('not asked for')) });
    await expect(engine.run({})).rejects.toBe(death);
  });
});
