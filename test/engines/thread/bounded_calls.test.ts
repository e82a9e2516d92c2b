import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../engines/index.js';
import { boundedCalls } from '../../../engines/thread/bounded_calls.js';
import { fixture, ramp } from '../models.js';

const small = { input: ramp([1, 3, 16, 16]) };
const large = { input: ramp([1, 3, 256, 256]) };

describe('the bound of the queue', () => {
  it('refuses the call beyond it at once, keeps the others, and takes new ones when some are done', async () => {
    await using engine = await createEngine('onnxruntime', fixture('slow'), {
      device: 'cpu',
      threads: 1,
      maxWaitingCalls: 2,
    });
    const calls = [large, small, small].map((inputs) => engine.run(inputs));
    const refused = engine.run(small);
    await expect(Promise.race([refused, calls[0]])).rejects.toMatchObject({
      code: 'too-many-calls',
      message: expect.stringMatching(/^engine: expected at most 2 calls to wait for the running one\. Wait for some/),
    });
    expect((await Promise.all(calls)).map(({ output }) => output?.shape)).toEqual(Array(3).fill([1, 8, 1, 1]));
    expect((await engine.run(small)).output?.shape).toEqual([1, 8, 1, 1]);
  });

  it('has room again for a call that was cancelled or failed', async () => {
    const engine = boundedCalls(neverAnswering(), 0);
    for (let i = 0; i < 3; i++) {
      const controller = new AbortController();
      const call = engine.run({}, { signal: controller.signal });
      await expect(engine.run({})).rejects.toMatchObject({ code: 'too-many-calls' });
      controller.abort('no');
      await expect(call).rejects.toBe('no');
    }
  });

  it('is 1024 unless told otherwise', async () => {
    const engine = boundedCalls(neverAnswering());
    for (let i = 0; i < 1025; i++) void engine.run({});
    await expect(engine.run({})).rejects.toMatchObject({ code: 'too-many-calls' });
  });

  it.each([-1, 1.5, Number.NaN])('is no %d', async (maxWaitingCalls) => {
    const loading = createEngine('onnxruntime', fixture('conv'), { device: 'cpu', maxWaitingCalls });
    await expect(loading).rejects.toMatchObject({ code: 'invalid-argument', path: 'maxWaitingCalls' });
  });
});

function neverAnswering(): Engine {
  return {
    device: 'cpu',
    run: (_, { signal } = {}) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true })),
    [Symbol.asyncDispose]: async () => {},
  };
}
