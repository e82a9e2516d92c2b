import { describe, expect, test } from 'vitest';
import { median, othersIn, quantile, takeTurns, timesOf } from '../../../measuring/timing/measure.js';

describe('takeTurns', () => {
  test('runs forwards and backwards in turn, A B B A, from the warm-up on', async () => {
    const order: string[] = [];
    const contestants = ['a', 'b', 'c'].map((name) => () => void order.push(name));
    const laps = await takeTurns(contestants, { rounds: 2, warmUp: 2 });
    expect(order.slice(0, 12).join('')).toBe('abccbaabccba');
    expect(laps).toHaveLength(2);
    for (const lap of laps) expect(lap.times).toHaveLength(3);
    expect(timesOf(laps, 1)).toEqual(laps.map(({ times }) => times[1]));
    expect(othersIn(laps)).toMatch(/^\d+ %$/);
  });

  test('keeps the rounds that were whole when the signal came', async () => {
    const controller = new AbortController();
    const calls = { first: 0, second: 0 };
    const first = () => void calls.first++;
    // Called third as the first of a backward round: the other one is not run any more.
    const second = () => {
      if (++calls.second === 3) controller.abort();
    };
    const laps = await takeTurns([first, second], { rounds: 50, warmUp: 1, signal: controller.signal });
    expect(calls).toEqual({ first: 2, second: 3 });
    expect(laps.map(({ round }) => round)).toEqual([0]);
  });

  test('no round begins when patience has ended, but the first that counts', async () => {
    const told: number[] = [];
    const laps = await takeTurns([() => new Promise((resolve) => setTimeout(resolve, 5))], {
      rounds: 50,
      warmUp: 2,
      patience: 1,
      onRound: (done) => told.push(done),
    });
    expect(laps.map(({ round }) => round)).toEqual([0]);
    expect(told).toEqual([1, 2, 3]);
  });

  test('a run that the signal gave up is no failure; any other failure is', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const givenUp = async () => {
      controller.abort();
      signal.throwIfAborted();
    };
    expect(await takeTurns([givenUp], { rounds: 3, warmUp: 0, signal })).toEqual([]);
    const broken = async () => {
      throw new RangeError('broken');
    };
    await expect(takeTurns([broken], { rounds: 3, warmUp: 0 })).rejects.toThrow('broken');
  });
});

test('quantiles are linear between neighbours', () => {
  expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
  expect(median([3, 1, 2])).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});
