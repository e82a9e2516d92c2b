import { expect, test } from 'vitest';
import { batchesOf, predictSuspect } from '../../queue/suspect_shard.js';

const shardOf = (count: number, without: readonly number[] = []) => ({
  shard: 0,
  files: Array.from({ length: count }, (_, i) => `/${i}.png`),
  without: [...without],
});

test('pictures keep their batch where others are left out', () => {
  expect(batchesOf(shardOf(7), 3)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  expect(batchesOf(shardOf(7, [1, 6]), 3)).toEqual([
    [0, 2],
    [3, 4, 5],
  ]);
});

/** What a worker says while it does a shard, up to its end at one of the pictures, or at so many at once. */
async function told(
  shard: ReturnType<typeof shardOf>,
  progress: unknown,
  { deadly, most = 9 }: { readonly deadly?: number; readonly most?: number },
) {
  const begun: (readonly number[])[] = [];
  const steps = {
    begin: async (at: readonly number[]) => void begun.push(at),
    predict(at: readonly number[]) {
      if (at.length > most || at.some((place) => place === deadly)) throw new Error('the end');
      return Promise.resolve(at);
    },
  };
  const outcomes = await predictSuspect(shard, 3, progress, steps).catch(() => 'ended');
  return { begun, last: { at: begun.at(-1) }, outcomes };
}

test('the first says at which batch it ended, the next at which of its pictures', async () => {
  const first = await told(shardOf(7), 0, { deadly: 4 });
  expect(first).toEqual({
    begun: [
      [0, 1, 2],
      [3, 4, 5],
    ],
    last: { at: [3, 4, 5] },
    outcomes: 'ended',
  });
  const second = await told(shardOf(7), first.last, { deadly: 4 });
  expect(second).toEqual({ begun: [[0, 1, 2], [3], [4]], last: { at: [4] }, outcomes: 'ended' });
  const third = await told(shardOf(7, [4]), 0, { deadly: 4 });
  expect(third.outcomes).toEqual([0, 1, 2, 3, 5, 6]);
});

test('the whole batch is blamed where each of its pictures is survived alone', async () => {
  const { begun, outcomes } = await told(shardOf(5), { at: [0, 1, 2] }, { most: 2 });
  expect(begun).toEqual([[0], [1], [2], [0, 1, 2]]);
  expect(outcomes).toBe('ended');
});

test('what another worker survives is done batch by batch, each picture once in what comes of it', async () => {
  const { begun, outcomes } = await told(shardOf(5), { at: [3, 4] }, {});
  expect(begun).toEqual([[0, 1, 2], [3], [4], [3, 4]]);
  expect(outcomes).toEqual([0, 1, 2, 3, 4]);
});
