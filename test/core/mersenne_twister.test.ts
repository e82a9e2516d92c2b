import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { mersenneTwister, randomPermutation } from '../../core/mersenne_twister.js';

test("torch's randperm with manual_seed, several from one generator", () => {
  const cases = [
    [0, [4, 1, 7, 5, 3, 9, 0, 8, 6, 2], [3, 9, 4, 2, 7, 8, 6, 0, 5, 1]],
    [7, [0, 1, 3, 2, 4], [3, 4, 1, 2, 0]],
    [123456789, [12, 5, 1, 10, 3, 4, 11, 0, 9, 8, 2, 7, 6], [6, 5, 7, 1, 8, 12, 10, 9, 2, 4, 3, 0, 11]],
    [2 ** 33 + 5, [1, 4, 9, 6, 3, 5, 0, 2, 8, 7]],
  ] as const;
  for (const [seed, ...orders] of cases) {
    const next = mersenneTwister(seed);
    for (const order of orders) expect([...randomPermutation(next, order.length)]).toEqual(order);
  }
  const long = randomPermutation(mersenneTwister(1), 1000);
  const hash = createHash('sha256').update(new Uint8Array(long.buffer)).digest('hex');
  expect(hash).toBe('ff44839a3ee5841bd49a1e6a6f0c23e7873ade25a09f91b5caf6298d294a027b');
  expect(randomPermutation(mersenneTwister(1), 0)).toHaveLength(0);
});
