import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Tensors, tensor } from '../../../core/tensor.js';
import { createEngine, type Engine, inspectTfjs } from '../../../engines/index.js';
import { graphBuilder } from '../../../graph/builder.js';
import type { Network } from '../../../graph/graph.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { fixture, ramp } from '../models.js';
import { startedThreads } from '../thread/threads_started.js';

const cpu = { device: 'cpu' };

/** A few convolutions: some milliseconds at 64x64, a second at 512x512. */
function network(sizeDivisor = 1): Network {
  const g = graphBuilder();
  const x = g.input('input', 3, sizeDivisor);
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

describe('numbers', () => {
  it('are ONNX Runtime’s, at several sizes, each input still the caller’s', async () => {
    await using engine = await createEngine('tfjs', network(), cpu);
    expect(engine.device).toBe('cpu');
    for (const shape of [
      [1, 3, 16, 24],
      [2, 3, 17, 9],
    ]) {
      const input = ramp(shape);
      const [actual, reference] = [await engine.run({ input }), await runNetwork(network(), { input })];
      for (const [name, expected] of Object.entries(reference)) {
        expect(relativeError(actual[name], expected), name).toBeLessThan(1e-5);
      }
      expect(input).toEqual(ramp(shape));
    }
  });

  it('reads a view on a larger buffer', async () => {
    await using engine = await createEngine('tfjs', network(), cpu);
    const { shape, data } = ramp([1, 3, 4, 5]);
    const larger = new Float32Array(1000).fill(9);
    larger.set(data, 500);
    const [whole, view] = [
      await engine.run({ input: { shape, data } }),
      await engine.run({ input: { shape, data: larger.subarray(500, 560) } }),
    ];
    expect(view.output?.data).toEqual(whole.output?.data);
    expect(larger[0]).toBe(9);
  });

  it('lay the weights that several nodes read out once', async () => {
    const g = graphBuilder();
    const x = g.input('input', 64);
    const shared = (value: typeof x) => g.scope('shared').conv(value, { out: 64, kernel: 3 });
    const graph = g.finish([{ name: 'output', value: shared(shared(shared(x))) }]);
    const { parameters } = formulaNetwork(graph);
    const read: string[] = [];
    const counted = (name: string) => {
      read.push(name);
      return parameters(name);
    };
    await using engine = await createEngine('tfjs', { graph, parameters: counted }, cpu);
    expect(read).toEqual(['shared.weight', 'shared.bias']);
    const input = ramp([1, 64, 5, 5]);
    const { output } = await runNetwork({ graph, parameters }, { input });
    if (output === undefined) throw new Error('no output');
    expect(relativeError((await engine.run({ input })).output, output)).toBeLessThan(1e-5);
  });
});

describe('the queue and the event loop', () => {
  let engine: Engine;
  const small = { input: ramp([1, 3, 16, 16]) };
  const large = { input: ramp([1, 3, 512, 512]) };
  beforeAll(async () => {
    engine = await createEngine('tfjs', network(), cpu);
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
    expect(elapsed).toBeGreaterThan(50);
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
    ['another name', { inputs: ramp([1, 3, 4, 4]) }, "expected one of the network's inputs (input)"],
    ['other channels', { input: ramp([1, 4, 4, 4]) }, 'expected a shape [batch, 3, height, width]'],
    ['another rank', { input: ramp([3, 4, 4]) }, 'expected a shape [batch, 3, height, width]'],
    ['a size that is no multiple', { input: ramp([1, 3, 8, 9]) }, 'multiples of 4'],
  ];
  it('inputs that are not the network’s', async () => {
    await using engine = await createEngine('tfjs', network(4), cpu);
    for (const [what, inputs, message] of refused) {
      await expect(engine.run(inputs), what).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.stringContaining(message),
      });
    }
    expect((await engine.run({ input: ramp([1, 3, 8, 8]) })).output?.shape).toEqual([1, 4, 8, 8]);
  });

  it('devices that it does not have, with those that it has', async () => {
    await expect(createEngine('tfjs', network(), { device: 'cuda' })).rejects.toMatchObject({
      code: 'unavailable-device',
      message:
        "device: expected a device of the engine tfjs: cpu, webgpu but received 'cuda'. The engine onnxruntime has others",
    });
    await expect(createEngine('tfjs', network(), { device: 'webgp' })).rejects.toMatchObject({
      message: expect.stringContaining('Did you mean webgpu?'),
    });
  });

  it('a precision of less than float32', async () => {
    const half = createEngine('tfjs', network(), { ...cpu, precision: 'float16' });
    await expect(half).rejects.toMatchObject({ code: 'invalid-argument', path: 'precision' });
  });

  it('an ONNX file, threads that are none, and a signal that says no', async () => {
    await expect(createEngine('tfjs', fixture('conv'), cpu)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('no ONNX file'),
    });
    await expect(createEngine('tfjs', network(), { device: 'cpu', threads: 0 })).rejects.toMatchObject({
      code: 'invalid-argument',
      path: 'threads',
    });
    await expect(createEngine('tfjs', network(), { ...cpu, signal: AbortSignal.abort('no') })).rejects.toBe('no');
  });

  it('parameters that cannot be read, with what reading them throws', async () => {
    const broken = new Error('the disc is gone');
    const { graph } = network();
    const parameters = () => {
      throw broken;
    };
    await expect(createEngine('tfjs', { graph, parameters }, cpu)).rejects.toBe(broken);
  });
});

describe('disposal', () => {
  it('lets the running call end, drops the waiting ones, may be repeated', async () => {
    const engine = await createEngine('tfjs', network(), cpu);
    const running = engine.run({ input: ramp([1, 3, 128, 128]) });
    const waiting = engine.run({ input: ramp([1, 3, 128, 128]) });
    const dropped = expect(waiting).rejects.toMatchObject({ code: 'disposed', path: 'tfjs' });
    await Promise.all([engine[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]);
    await dropped;
    expect((await running).output?.shape).toEqual([1, 4, 128, 128]);
    await expect(engine.run({ input: ramp([1, 3, 8, 8]) })).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('a thread that dies', () => {
  const threads = startedThreads();
  afterAll(() => threads.forget());

  it('is started again by the next call, with the same weights', async () => {
    const told: string[] = [];
    await using engine = await createEngine('tfjs', network(), { ...cpu, onRestart: (why) => told.push(why.path) });
    const input = ramp([1, 3, 16, 16]);
    const expected = await engine.run({ input });
    await threads.kill();
    expect((await engine.run({ input })).output?.data).toEqual(expected.output?.data);
    expect(told).toEqual(['tfjs']);
  });
});

describe('inspectTfjs', () => {
  it('tells which backend serves the processor, and what WebGPU lacks', async () => {
    const { version, devices } = await inspectTfjs();
    expect(version).toMatch(/^4\./);
    expect(devices.map(({ name }) => name)).toEqual(['cpu', 'webgpu']);
    expect(devices[0]?.available).toBe(true);
    expect(['wasm', 'tfjs-node']).toContain(devices[0]?.backend);
    for (const { available, backend, reason } of devices) {
      expect([typeof backend, typeof reason]).toEqual(available ? ['string', 'undefined'] : ['undefined', 'string']);
    }
  });
});

it('a network without weights runs, too', async () => {
  const g = graphBuilder();
  const graph = g.finish([{ name: 'y', value: g.relu(g.input('x', 1)) }]);
  const parameters = () => tensor([0], new Float32Array());
  await using engine = await createEngine('tfjs', { graph, parameters }, cpu);
  const { y } = await engine.run({ x: tensor([1, 1, 1, 2], Float32Array.of(-1, 2)) });
  expect(Array.from(y?.data ?? [])).toEqual([0, 2]);
});
