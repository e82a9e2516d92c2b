import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensors } from '../../../core/tensor.js';
import { createEngine, type Engine, onnxModel } from '../../../engines/index.js';
import { chain, convExpected, convInput, fixture, ramp } from '../models.js';

const cpu = { device: 'cpu', threads: 1 };

/** What engines leave behind is looked for where no other test's are. */
const folder = mkdtempSync(join(tmpdir(), 'lowformer-engine-'));
process.env.TMPDIR = folder;
process.env.TEMP = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('numbers', () => {
  it('equal PyTorch, at several sizes, each input still the caller’s', async () => {
    await using engine = await createEngine('onnxruntime', fixture('conv'), cpu);
    const input = convInput();
    const { features, pooled } = await engine.run({ input });
    expect(features?.shape).toEqual([1, 2, 4, 5]);
    expect(pooled?.shape).toEqual([1, 2, 1, 1]);
    expectClose(features?.data, convExpected.features);
    expectClose(pooled?.data, convExpected.pooled);
    expect(input.data).toEqual(convInput().data);

    const wider = await engine.run({ input: ramp([2, 3, 7, 11]) });
    expect(wider.features?.shape).toEqual([2, 2, 7, 11]);
  });

  it('reads a view on a larger buffer', async () => {
    await using engine = await createEngine('onnxruntime', fixture('conv'), cpu);
    const { shape, data } = convInput();
    const larger = new Float32Array(1000).fill(9);
    larger.set(data, 500);
    const { features } = await engine.run({ input: { shape, data: larger.subarray(500, 560) } });
    expectClose(features?.data, convExpected.features);
    expect(larger[0]).toBe(9);
  });

  it('of inputs that are given away are the same, and the memory of the first alone is taken', async () => {
    await using engine = await createEngine('onnxruntime', fixture('conv'), cpu);
    const { shape, data } = convInput();
    const larger = new Float32Array(1000);
    larger.set(data, 500);
    const inputs = [data.slice(), data.slice(), larger.subarray(500, 560)];
    const results = await Promise.all(
      inputs.map((own) => engine.run({ input: { shape, data: own } }, { given: true })),
    );
    for (const { features } of results) expectClose(features?.data, convExpected.features);
    // The second waits, and would be needed again if the thread died; the third is a part of something else.
    expect(inputs.map(({ length }) => length)).toEqual([0, 60, 60]);
  });

  it('are the same from weights beside the model as from weights inside', async () => {
    const before = temporary();
    const model = chain(1);
    await using engine = await createEngine('onnxruntime', model, cpu);
    expect(temporary()).toEqual(before);
    const input = ramp([1, 3, 2, 3]);
    const { output } = await engine.run({ input });
    expect(output?.shape).toEqual([1, 1024, 2, 3]);
    expectClose(output?.data.subarray(0, 600), chainExpected(input.data, 100));
  });
});

describe('the event loop', () => {
  it('stays free while a network runs', async () => {
    await using engine = await createEngine('onnxruntime', fixture('slow'), cpu);
    const input = ramp([1, 3, 768, 768]);
    await engine.run({ input: ramp([1, 3, 8, 8]) });
    const delays = monitorEventLoopDelay({ resolution: 2 });
    delays.enable();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    await engine.run({ input });
    const elapsed = performance.now() - start;
    clearInterval(timer);
    delays.disable();
    expect(elapsed).toBeGreaterThan(60);
    // Free: many turns, none of which lasted for a good part of the run.
    expect(ticks).toBeGreaterThan(elapsed / 5 / 3);
    expect(delays.max / 1e6).toBeLessThan(elapsed / 2);
  });
});

describe('the queue', () => {
  let engine: Engine;
  const small = { input: ramp([1, 3, 16, 16]) };
  const large = { input: ramp([1, 3, 512, 512]) };
  beforeAll(async () => {
    engine = await createEngine('onnxruntime', fixture('slow'), cpu);
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it('runs calls in the order in which they were made, a slow one before a quick one', async () => {
    const done: number[] = [];
    const calls = [large, small, large, small, small].map(async (inputs, i) => {
      await engine.run(inputs);
      done.push(i);
    });
    await Promise.all(calls);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it('drops a waiting call at once and keeps the others', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const first = engine.run(large);
    const second = engine.run(large, { signal: controller.signal });
    const third = engine.run(small);
    controller.abort(reason);
    await expect(settledFirst(second, first)).rejects.toBe(reason);
    expect((await first).output?.shape).toEqual([1, 8, 1, 1]);
    expect((await third).output?.shape).toEqual([1, 8, 1, 1]);
  });

  it('gives a running call up at once, discards its result, goes on', async () => {
    const controller = new AbortController();
    const expected = await engine.run(small);
    const running = engine.run(large, { signal: controller.signal });
    const next = engine.run(small);
    setTimeout(() => controller.abort(), 10);
    await expect(settledFirst(running, next)).rejects.toMatchObject({ name: 'AbortError' });
    expect((await next).output?.data).toEqual(expected.output?.data);
  });

  it('answers in order when a call is dropped that lies ready already', async () => {
    const expected = await engine.run(small);
    for (let i = 0; i < 50; i++) {
      const controller = new AbortController();
      const first = engine.run(small);
      const second = engine.run(small, { signal: controller.signal });
      const third = engine.run(small);
      controller.abort('no');
      await expect(second).rejects.toBe('no');
      for (const call of [first, third]) expect((await call).output?.data).toEqual(expected.output?.data);
    }
  });

  it('does not start an aborted call', async () => {
    await expect(engine.run(small, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
  });

  it('goes on after a call whose inputs are wrong', async () => {
    const wrong = Array.from({ length: 20 }, () => engine.run({}).catch((error: unknown) => String(error)));
    const right = engine.run(small);
    expect(new Set(await Promise.all(wrong)).size).toBe(1);
    expect((await right).output?.shape).toEqual([1, 8, 1, 1]);
  });
});

describe('inputs', () => {
  const cases: [string, Tensors, string][] = [
    ['missing', {}, 'inputs.input: expected a tensor [batch, 3, height, width] but received []'],
    ['misspelt', { inptu: ramp([1, 3, 4, 4]) }, "expected one of the network's inputs (input) but received 'inptu'"],
    ['of another rank', { input: ramp([3, 4, 4]) }, 'expected a shape [batch, 3, height, width]'],
    ['of other channels', { input: ramp([1, 4, 4, 4]) }, 'but received [1,4,4,4]'],
    ['empty', { input: ramp([1, 3, 0, 4]) }, 'each extent a positive integer but received [1,3,0,4]'],
    ['too short', { input: { shape: [1, 3, 4, 4], data: new Float32Array(47) } }, 'expected 48 elements'],
  ];
  it.each(cases)('%s: an error that names the input', async (_, inputs, message) => {
    await using engine = await createEngine('onnxruntime', fixture('conv'), cpu);
    await expect(engine.run(inputs)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
  });
});

describe('disposal', () => {
  it('lets the running call end, drops the waiting ones, may be repeated', async () => {
    const engine = await createEngine('onnxruntime', fixture('slow'), cpu);
    const running = engine.run({ input: ramp([1, 3, 256, 256]) });
    const waiting = engine.run({ input: ramp([1, 3, 256, 256]) });
    const disposed = expect(waiting).rejects.toMatchObject({ code: 'disposed' });
    await Promise.all([engine[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);
    await disposed;
    expect((await running).output?.shape).toEqual([1, 8, 1, 1]);
    await engine[Symbol.asyncDispose]();
    await expect(engine.run({ input: ramp([1, 3, 8, 8]) })).rejects.toMatchObject({ code: 'disposed' });
    await expect(engine.run({})).rejects.toMatchObject({ code: 'disposed' });
  });

  it('lets a call end that was made just before', async () => {
    for (let i = 0; i < 10; i++) {
      const engine = await createEngine('onnxruntime', fixture('slow'), cpu);
      const running = engine.run({ input: ramp([1, 3, 8, 8]) });
      await engine[Symbol.asyncDispose]();
      expect((await running).output?.shape).toEqual([1, 8, 1, 1]);
    }
  });
});

describe('what cannot be loaded', () => {
  it('a device that is not there, with those that are', async () => {
    await expect(createEngine('onnxruntime', fixture('conv'), { device: 'cpuu' })).rejects.toMatchObject({
      code: 'unavailable-device',
      message: expect.stringMatching(
        /^device: expected a device of this machine: cpu.* but received 'cpuu'. Did you mean cpu\?$/,
      ),
    });
  });

  it('a device whose driver or libraries are missing', async () => {
    const device = process.platform === 'darwin' ? 'dml' : 'tensorrt';
    await expect(createEngine('onnxruntime', fixture('conv'), { device })).rejects.toMatchObject({
      code: 'unavailable-device',
      message: expect.stringContaining('expected a device of this machine: cpu'),
    });
  });

  it('bytes that are no model, small and large', async () => {
    for (const length of [0, 100, 2_000_000]) {
      const model = onnxModel(new Uint8Array(length).fill(0x7b));
      const before = temporary();
      await expect(createEngine('onnxruntime', model, cpu)).rejects.toMatchObject({
        code: 'engine-failure',
        message: expect.stringMatching(
          /^(?:model: expected an ONNX model|onnxruntime: expected a model that ONNX Runtime can load)/,
        ),
      });
      expect(temporary()).toEqual(before);
    }
  });

  it('a model that ends early or goes on too long', async () => {
    const model = chain(1);
    for (const byteLength of [model.byteLength + 1, model.byteLength - 1]) {
      const before = temporary();
      await expect(createEngine('onnxruntime', { ...model, byteLength }, cpu)).rejects.toMatchObject({
        code: 'engine-failure',
        message: expect.stringContaining('expected an ONNX model'),
      });
      expect(temporary()).toEqual(before);
    }
  });

  it('a model whose weights cannot be made, with their maker’s own error, nothing left behind', async () => {
    const { byteLength, chunks } = chain(1);
    const broken = new Error('the checkpoint is damaged');
    let closed = false;
    const before = temporary();
    const model = {
      byteLength,
      *chunks() {
        try {
          for (const chunk of chunks()) {
            yield chunk;
            if (chunk.length > 1_000_000) throw broken;
          }
        } finally {
          closed = true;
        }
      },
    };
    await expect(createEngine('onnxruntime', model, cpu)).rejects.toBe(broken);
    expect(closed).toBe(true);
    expect(temporary()).toEqual(before);
  });

  it('a model of integers', async () => {
    await expect(createEngine('onnxruntime', fixture('int64'), cpu)).rejects.toMatchObject({
      message: "input: expected a float32 tensor but received 'int64'",
    });
  });

  it('fast math on a processor or a device that has none', async () => {
    const device = process.arch === 'arm64' ? 'webgpu' : 'cpu';
    await expect(createEngine('onnxruntime', fixture('conv'), { device, fastMath: true })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: `fastMath: expected an ARM64 processor and the device cpu but received '${process.arch}, ${device}'`,
    });
  });

  it('a file in another precision than its own', async () => {
    await expect(
      createEngine('onnxruntime', fixture('conv'), { device: 'cpu', precision: 'float16' }),
    ).rejects.toMatchObject({ code: 'invalid-argument', path: 'precision' });
  });

  it('a number of threads that is none', async () => {
    await expect(createEngine('onnxruntime', fixture('conv'), { device: 'cpu', threads: 0 })).rejects.toMatchObject({
      code: 'invalid-argument',
      path: 'threads',
    });
  });

  it('when the caller gives up, at once and without a trace', async () => {
    await expect(
      createEngine('onnxruntime', fixture('conv'), { ...cpu, signal: AbortSignal.abort('no') }),
    ).rejects.toBe('no');
    const before = temporary();
    const controller = new AbortController();
    const { byteLength, chunks } = chain(1);
    const model = {
      byteLength,
      *chunks() {
        for (const chunk of chunks()) {
          yield chunk;
          if (chunk.length > 1000) controller.abort('enough');
        }
      },
    };
    await expect(createEngine('onnxruntime', model, { ...cpu, signal: controller.signal })).rejects.toBe('enough');
    expect(temporary()).toEqual(before);
  });
});

describe('a thousand', () => {
  it('runs take no more memory than a hundred', async () => {
    const collect = exposedGc();
    await using engine = await createEngine('onnxruntime', fixture('conv'), cpu);
    const input = ramp([1, 3, 128, 128]);
    // Collected: when what was let go is freed by itself is a matter of what else the machine does.
    const resident = async (runs: number) => {
      for (let i = 0; i < runs; i++) await engine.run({ input });
      collect();
      return process.memoryUsage.rss();
    };
    // Until the heaps have their size.
    await resident(500);
    const samples: number[] = [];
    for (let i = 0; i < 40; i++) samples.push(await resident(50));
    // A run takes in a copy of 197 KB and gives out 131 KB: a leak of either would grow by that much each time. The thread collects
    // its own garbage when it comes to it, so that it takes many runs to tell.
    expect(growthPerStep(samples) / 50).toBeLessThan(20e3);
  });

  it('cancelled calls leave nothing of their inputs', async () => {
    const collect = exposedGc();
    await using engine = await createEngine('onnxruntime', fixture('slow'), cpu);
    const controller = new AbortController();
    const running = engine.run({ input: ramp([1, 3, 512, 512]) });
    const cancelled = Array.from({ length: 1000 }, () => cancellable(engine, controller.signal));
    controller.abort('no');
    for (const { refused } of cancelled) await expect(refused).rejects.toBe('no');
    // A finished promise may be kept for a turn.
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
    // One of them was handed over already: its copy is the thread's until its turn comes.
    const left = cancelled.filter(({ input }) => input.deref() !== undefined);
    expect(left.length).toBeLessThanOrEqual(1);
    expect((await running).output?.shape).toEqual([1, 8, 1, 1]);
  });
});

/** A function of its own, so that nothing here holds the input. */
function cancellable(engine: Engine, signal: AbortSignal) {
  const input = ramp([1, 3, 64, 64]);
  return { refused: engine.run({ input }, { signal }), input: new WeakRef(input.data) };
}

function exposedGc(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

/** The slope of the line that fits best, by least squares. */
function growthPerStep(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const products = samples.map((value, i) => (i - middle) * (value - mean)).reduce((a, b) => a + b, 0);
  return products / samples.map((_, i) => (i - middle) ** 2).reduce((a, b) => a + b, 0);
}

function expectClose(actual: Float32Array | undefined, expected: ArrayLike<number>): void {
  expect(actual?.length).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = actual?.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))), 0);
  expect(worst).toBeLessThan(largest * 1e-5);
}

/** `chain(1)` at 2x3 pixels in float64: the first channels of its output. */
function chainExpected(input: Float32Array, channels: number): number[] {
  const first = ramp([1024, 3]).data;
  const weight = ramp([1024, 1024]).data.map((value) => value / 32);
  const hidden = (channel: number, pixel: number) =>
    [0, 1, 2].reduce((sum, c) => sum + (first[channel * 3 + c] ?? 0) * (input[c * 6 + pixel] ?? 0), 0);
  return Array.from({ length: channels * 6 }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < 1024; c++) sum += (weight[Math.floor(i / 6) * 1024 + c] ?? 0) * hidden(c, i % 6);
    return sum;
  });
}

/** Rejects or resolves as `expected` does, provided that it settles before `other`. */
function settledFirst<T>(expected: Promise<T>, other: Promise<unknown>): Promise<T> {
  return Promise.race([expected, other.then(() => Promise.reject(new Error('settled too late')))]);
}

function temporary(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('lowformer-'));
}
