import { expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { measureEngines } from '../../../engines/auto/measure.js';
import type { Engine } from '../../../engines/index.js';
import { engineFailure } from './fake_engines.js';

const inputs = { input: tensor([1], new Float32Array(1)) };

/** Engines whose runs take what a list says, by a clock that nothing else moves; the last time stays. */
function timed(times: Readonly<Record<string, readonly number[]>>) {
  let clock = 0;
  const order: string[] = [];
  const engine = (name: string, list: readonly number[]): Engine => {
    let runs = 0;
    return {
      device: 'cpu',
      async run() {
        order.push(name);
        clock += list[Math.min(runs++, list.length - 1)] ?? 0;
        return {};
      },
      async [Symbol.asyncDispose]() {},
    };
  };
  const engines = new Map(Object.entries(times).map(([name, list]) => [name, engine(name, list)]));
  return { engines, order, now: () => clock };
}

const options = { inputs, sessions: 1, signal: undefined };

test('the least of several runs counts, the first does not, and engines take turns forth and back', async () => {
  const { engines, order, now } = timed({ a: [1, 9, 7, 8], b: [50, 9, 10, 6, 20] });
  const { milliseconds, failed } = await measureEngines(engines, options, now);
  expect(Object.fromEntries(milliseconds)).toEqual({ a: 7, b: 6 });
  expect(failed.size).toBe(0);
  expect(order.join('')).toBe('abbaabbaabbaabbaab');
});

test('slow networks run twice, and no more once two seconds are over', async () => {
  const slow = timed({ a: [3000, 2500], b: [3000, 2600] });
  const { milliseconds } = await measureEngines(slow.engines, options, slow.now);
  expect(slow.order).toHaveLength(4);
  expect(Object.fromEntries(milliseconds)).toEqual({ a: 2500, b: 2600 });
  const middling = timed({ a: [300], b: [300] });
  await measureEngines(middling.engines, options, middling.now);
  expect(middling.order).toHaveLength(8);
});

test('so many runs side by side as there are sessions share their time', async () => {
  const { engines, order, now } = timed({ a: [4], b: [6] });
  const { milliseconds } = await measureEngines(engines, { ...options, sessions: 3 }, now);
  expect(order.slice(0, 6).join('')).toBe('aaabbb');
  expect(Object.fromEntries(milliseconds)).toEqual({ a: 4, b: 6 });
});

test('an engine that fails is out, whatever it took before', async () => {
  const { engines, now } = timed({ a: [5], b: [1] });
  let runs = 0;
  const failing = engines.get('b');
  engines.set('b', {
    device: 'cpu',
    run: async (...given) => {
      if (++runs === 4) throw engineFailure('b');
      return (await failing?.run(...given)) ?? {};
    },
    async [Symbol.asyncDispose]() {},
  });
  const { milliseconds, failed } = await measureEngines(engines, options, now);
  expect(Object.fromEntries(milliseconds)).toEqual({ a: 5 });
  expect([...failed.keys()]).toEqual(['b']);
  expect(runs).toBe(4);
});
