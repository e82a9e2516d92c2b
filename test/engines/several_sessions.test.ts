import { describe, expect, it } from 'vitest';
import { createEngine, type Engine, threadLimit } from '../../engines/index.js';
import { severalSessions, threadsOfEach } from '../../engines/several_sessions.js';
import { fixture, ramp } from './models.js';

const small = { input: ramp([1, 3, 16, 16]) };

/** An engine that answers when it is let, and writes down who is at work. */
function held(name: string, at: string[]): Engine & { readonly finish: () => void } {
  const waiting: (() => void)[] = [];
  return {
    device: 'cpu',
    run: () => {
      at.push(name);
      return new Promise((resolve) => waiting.push(() => resolve({})));
    },
    finish: () => waiting.shift()?.(),
    async [Symbol.asyncDispose]() {
      at.push(`${name} disposed of`);
    },
  };
}

describe('sessions', () => {
  it('share the calls: each goes to the one with the fewest', async () => {
    const at: string[] = [];
    const [a, b] = [held('a', at), held('b', at)];
    const both = severalSessions('cpu', [a, b]);
    const calls = [both.run({}), both.run({}), both.run({})];
    expect(at).toEqual(['a', 'b', 'a']);
    b.finish();
    await calls[1];
    calls.push(both.run({}), both.run({}));
    expect(at).toEqual(['a', 'b', 'a', 'b', 'b']);
    await both[Symbol.asyncDispose]();
    expect(at.slice(-2)).toEqual(['a disposed of', 'b disposed of']);
  });

  it('give the results of one, and calls beyond those at work and those that may wait are refused', async () => {
    const options = { device: 'cpu', threads: 1, maxWaitingCalls: 1 };
    await using one = await createEngine('onnxruntime', fixture('slow'), options);
    await using three = await createEngine('onnxruntime', fixture('slow'), { ...options, sessions: 3 });
    const calls = Array.from({ length: 4 }, () => three.run(small));
    await expect(three.run(small)).rejects.toMatchObject({ code: 'too-many-calls' });
    const expected = await one.run(small);
    expect(await Promise.all(calls)).toEqual(Array(4).fill(expected));
  });

  it('all end when they are disposed of', async () => {
    const engine = await createEngine('onnxruntime', fixture('conv'), { device: 'cpu', sessions: 2 });
    await engine[Symbol.asyncDispose]();
    await expect(engine.run(small)).rejects.toMatchObject({ code: 'disposed' });
  });

  it('share out the threads, and each has one at least', () => {
    const { threads } = threadLimit();
    expect(threadsOfEach(1)).toBe(threads);
    expect(threadsOfEach(threads)).toBe(1);
    expect(threadsOfEach(10 * threads)).toBe(1);
  });

  it.each([0, -1, 1.5, Number.NaN, 257])('are no %d', async (sessions) => {
    const loading = createEngine('onnxruntime', fixture('conv'), { device: 'cpu', sessions });
    await expect(loading).rejects.toMatchObject({ code: 'invalid-argument', path: 'sessions' });
  });
});
