import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensors } from '../../../core/tensor.js';
import { createEngine, type Engine, onnxModel } from '../../../engines/index.js';
import { hasBfloat16 } from '../../../engines/openvino/processor.js';
import { graphBuilder } from '../../../graph/builder.js';
import type { Network } from '../../../graph/graph.js';
import { needs } from '../../needs.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { chain, convExpected, convInput, fixture, ramp } from '../models.js';
import { startedThreads } from '../thread/threads_started.js';
import { LIBRARY, needsOpenvino } from './openvino_here.js';

const cpu = { device: 'cpu', threads: 1 };

/** A few convolutions: under a millisecond at 16x16, a good while at 768x768. */
function network(): Network {
  const g = graphBuilder();
  const x = g.input('input', 3);
  const a = g.relu(g.scope('a').conv(x, { out: 32, kernel: 3, stride: 2 }));
  const b = g.add(a, g.scope('b').conv(a, { out: 32, kernel: 3 }));
  const c = g.scope('c').conv(g.resizeNearestLike(b, x), { out: 4, kernel: 3 });
  return formulaNetwork(
    g.finish([
      { name: 'output', value: c },
      { name: 'pooled', value: g.emit('globalAveragePool', [b], {}) },
    ]),
  );
}

describe('openvino', needsOpenvino, () => {
  describe('numbers', () => {
    it('equal PyTorch, from a file, each input still the caller’s', async () => {
      await using engine = await createEngine('openvino', fixture('conv'), cpu);
      const input = convInput();
      const { features, pooled } = await engine.run({ input });
      expect(features?.shape).toEqual([1, 2, 4, 5]);
      expect(pooled?.shape).toEqual([1, 2, 1, 1]);
      expectClose(features?.data, convExpected.features);
      expectClose(pooled?.data, convExpected.pooled);
      expect(input.data).toEqual(convInput().data);
    });

    it('are ONNX Runtime’s, at several sizes after one another', async () => {
      await using engine = await createEngine('openvino', network(), cpu);
      for (const shape of [
        [1, 3, 16, 24],
        [2, 3, 17, 9],
        [1, 3, 16, 24],
      ]) {
        const input = ramp(shape);
        const [actual, reference] = [await engine.run({ input }), await runNetwork(network(), { input })];
        for (const [name, expected] of Object.entries(reference)) {
          expect(relativeError(actual[name], expected), name).toBeLessThan(1e-5);
        }
      }
    });

    it('reads a view on a larger buffer', async () => {
      await using engine = await createEngine('openvino', fixture('conv'), cpu);
      const { shape, data } = convInput();
      const larger = new Float32Array(1000).fill(9);
      larger.set(data, 500);
      const { features } = await engine.run({ input: { shape, data: larger.subarray(500, 560) } });
      expectClose(features?.data, convExpected.features);
      expect(larger[0]).toBe(9);
    });

    it('are the same from weights beside the model, which leave nothing behind', async () => {
      const before = temporary();
      await using engine = await createEngine('openvino', chain(1), cpu);
      expect(temporary()).toEqual(before);
      await using reference = await createEngine('onnxruntime', chain(1), cpu);
      const inputs = { input: ramp([1, 3, 2, 3]) };
      const { output } = await reference.run(inputs);
      if (output === undefined) throw new Error('no output');
      expect(relativeError((await engine.run(inputs)).output, output)).toBeLessThan(1e-5);
    });

    it('of one network do not disturb another’s', async () => {
      const engines = await Promise.all(
        [1, 2, 3].map((threads) => createEngine('openvino', network(), { device: 'cpu', threads })),
      );
      const inputs = { input: ramp([1, 3, 33, 31]) };
      const { output } = await runNetwork(network(), inputs);
      if (output === undefined) throw new Error('no output');
      for (let i = 0; i < 5; i++) {
        const results = await Promise.all(engines.map((engine) => engine.run(inputs)));
        for (const result of results) expect(relativeError(result.output, output)).toBeLessThan(1e-5);
      }
      for (const engine of engines) await engine[Symbol.asyncDispose]();
    });

    it('stay where they were, run after run, and each result is the caller’s own', async () => {
      await using engine = await createEngine('openvino', network(), cpu);
      const inputs = { input: ramp([1, 3, 16, 16]) };
      const first = await engine.run(inputs);
      const kept = first.output?.data.slice();
      for (let i = 0; i < 30; i++) {
        const { output } = await engine.run(inputs);
        expect(output?.data).toEqual(kept);
        output?.data.fill(0);
      }
      expect(first.output?.data).toEqual(kept);
    });
  });

  describe('bfloat16', () => {
    const hasInstructions = hasBfloat16('BF16');

    it('is refused on a processor that would imitate it', needs('noBfloat16', !hasInstructions), async () => {
      await expect(createEngine('openvino', network(), { ...cpu, precision: 'bfloat16' })).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.stringMatching(/^precision: expected a processor with bfloat16 instructions .* Use float32$/),
      });
    });

    it('differs from float32, by eight bits’ worth', needs('bfloat16', hasInstructions), async () => {
      await using engine = await createEngine('openvino', network(), { ...cpu, precision: 'bfloat16' });
      const inputs = { input: ramp([1, 3, 64, 64]) };
      const { output } = await runNetwork(network(), inputs);
      if (output === undefined) throw new Error('no output');
      const difference = relativeError((await engine.run(inputs)).output, output);
      expect(difference).toBeGreaterThan(1e-5);
      expect(difference).toBeLessThan(0.03);
    });
  });

  describe('the queue and the event loop', () => {
    let engine: Engine;
    const small = { input: ramp([1, 3, 16, 16]) };
    const large = { input: ramp([1, 3, 768, 768]) };
    beforeAll(async () => {
      engine = await createEngine('openvino', network(), cpu);
      await engine.run(small);
    });
    afterAll(() => engine[Symbol.asyncDispose]());

    it('leaves the event loop free while a network runs, and tells how long that took', async () => {
      const delays = monitorEventLoopDelay({ resolution: 2 });
      delays.enable();
      const start = performance.now();
      let told = 0;
      await engine.run(large, { onRun: (milliseconds) => (told = milliseconds) });
      const elapsed = performance.now() - start;
      delays.disable();
      expect(elapsed).toBeGreaterThan(30);
      expect(told).toBeGreaterThan(0);
      expect(told).toBeLessThanOrEqual(elapsed);
      expect(delays.max / 1e6).toBeLessThan(elapsed / 2);
    });

    it('runs calls in their order, drops a waiting one, and gives a running one up', async () => {
      const [waiting, running] = [new AbortController(), new AbortController()];
      const done: number[] = [];
      const call = async (i: number, inputs: Tensors, signal?: AbortSignal) => {
        await engine.run(inputs, signal === undefined ? {} : { signal });
        done.push(i);
      };
      const calls = [call(0, large, running.signal), call(1, small), call(2, small, waiting.signal), call(3, small)];
      const settled = Promise.allSettled(calls);
      waiting.abort('changed my mind');
      setTimeout(() => running.abort('enough'), 5);
      const results = await settled;
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
      expect(results[0]).toMatchObject({ reason: 'enough' });
      expect(results[2]).toMatchObject({ reason: 'changed my mind' });
      expect(done).toEqual([1, 3]);
    });
  });

  describe('what it refuses', () => {
    const refused: readonly [string, Tensors, string][] = [
      ['another name', { inptu: ramp([1, 3, 4, 4]) }, "expected one of the network's inputs (input)"],
      ['other channels', { input: ramp([1, 4, 4, 4]) }, 'expected a shape [batch, 3, height, width]'],
      ['another rank', { input: ramp([3, 4, 4]) }, 'expected a shape [batch, 3, height, width]'],
    ];
    it('inputs that are not the network’s, and goes on', async () => {
      await using engine = await createEngine('openvino', network(), cpu);
      for (const [what, inputs, message] of refused) {
        await expect(engine.run(inputs), what).rejects.toMatchObject({
          code: 'invalid-argument',
          message: expect.stringContaining(message),
        });
      }
      expect((await engine.run({ input: ramp([1, 3, 8, 8]) })).output?.shape).toEqual([1, 4, 8, 8]);
    });

    it('bytes that are no model, small and large, with nothing left behind', async () => {
      for (const length of [0, 100, 2_000_000]) {
        const before = temporary();
        const model = onnxModel(new Uint8Array(length).fill(0x7b));
        await expect(createEngine('openvino', model, cpu)).rejects.toMatchObject({
          code: 'engine-failure',
          message: expect.stringMatching(
            /^(?:model: expected an ONNX model|openvino: expected a model that OpenVINO can load)/,
          ),
        });
        expect(temporary()).toEqual(before);
      }
    });

    it('a model of integers, threads that are none, and a signal that says no', async () => {
      await expect(createEngine('openvino', fixture('int64'), cpu)).rejects.toMatchObject({
        message: "input: expected a float32 tensor but received 'int64'",
      });
      await expect(createEngine('openvino', network(), { device: 'cpu', threads: 0 })).rejects.toMatchObject({
        code: 'invalid-argument',
        path: 'threads',
      });
      await expect(createEngine('openvino', network(), { ...cpu, signal: AbortSignal.abort('no') })).rejects.toBe('no');
    });
  });

  describe('disposal', () => {
    it('lets the running call end, drops the waiting ones, may be repeated', async () => {
      const engine = await createEngine('openvino', network(), cpu);
      const running = engine.run({ input: ramp([1, 3, 128, 128]) });
      const waiting = engine.run({ input: ramp([1, 3, 128, 128]) });
      const dropped = expect(waiting).rejects.toMatchObject({ code: 'disposed', path: 'openvino' });
      await Promise.all([engine[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);
      await dropped;
      expect((await running).output?.shape).toEqual([1, 4, 128, 128]);
      await expect(engine.run({ input: ramp([1, 3, 8, 8]) })).rejects.toMatchObject({ code: 'disposed' });
    });

    it('gives the library’s memory back', async () => {
      const { weightBytes } = chain(1);
      const resident = async () => {
        const engine = await createEngine('openvino', chain(1), cpu);
        await engine.run({ input: ramp([1, 3, 2, 3]) });
        await engine[Symbol.asyncDispose]();
        return process.memoryUsage.rss();
      };
      for (let i = 0; i < 3; i++) await resident();
      const first = await resident();
      const loads = 8;
      for (let i = 1; i < loads; i++) await resident();
      // What is not freed would grow by the weights each time, once or more.
      expect(((await resident()) - first) / loads).toBeLessThan(weightBytes / 2);
    });
  });

  describe('a thread that dies', () => {
    const threads = startedThreads();
    afterAll(() => threads.forget());

    it('is started again by the next call, with the same weights', async () => {
      const told: string[] = [];
      await using engine = await createEngine('openvino', network(), {
        ...cpu,
        onRestart: (why) => told.push(why.path),
      });
      const input = ramp([1, 3, 16, 16]);
      const expected = await engine.run({ input });
      await threads.kill();
      expect((await engine.run({ input })).output?.data).toEqual(expected.output?.data);
      expect(told).toEqual(['openvino']);
    });
  });

  it('finds the library where LOWFORMER_OPENVINO or Python has it', () => {
    expect(LIBRARY).toMatch(/openvino_c/);
  });
});

function expectClose(actual: Float32Array | undefined, expected: ArrayLike<number>): void {
  expect(actual?.length).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = actual?.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))), 0);
  expect(worst).toBeLessThan(largest * 1e-5);
}

function temporary(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('lowformer-'));
}
