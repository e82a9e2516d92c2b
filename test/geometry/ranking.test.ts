import { describe, expect, it } from 'vitest';
import { createTopCollector, rank, selectTop } from '../../geometry/ranking.js';
import { seededRandom, shuffled } from '../random.js';

/** Keys that look like what networks give, and like what sorting is slow on. */
const arrangements: readonly (readonly [string, (i: number, count: number, random: () => number) => number])[] = [
  ['random', (_i, _count, random) => random()],
  ['few values', (_i, _count, random) => Math.floor(random() * 4)],
  ['all equal', () => 0.5],
  ['ascending', (i) => i],
  ['descending', (i, count) => count - i],
  ['a hump', (i, count) => Math.min(i, count - i)],
  ['a valley', (i, count) => Math.abs(i - count / 2)],
];

function make(kind: (typeof arrangements)[number][1], count: number) {
  const random = seededRandom(count);
  const keys = Float32Array.from({ length: count }, (_, i) => kind(i, count, random));
  const expected = Int32Array.from([...keys.keys()].sort((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0) || a - b));
  return { keys, expected, random };
}

describe.each(arrangements)('%s', (_, kind) => {
  it.each([0, 1, 2, 13, 14, 1000, 20_000])('rank is a stable descending sort of %i', (count) => {
    const { keys, expected, random } = make(kind, count);
    const ids = shuffled(random, count);
    const sortedKeys = Float32Array.from(ids, (id) => keys[id] ?? 0);
    rank(sortedKeys, ids, 0, count);
    expect(ids).toEqual(expected);
    expect(sortedKeys).toEqual(Float32Array.from(expected, (id) => keys[id] ?? 0));
  });

  it('selectTop moves the first to the front', () => {
    const { keys, expected } = make(kind, 5000);
    for (const top of [1, 2, 100, 4999, 5000]) {
      const ids = Int32Array.from(keys.keys());
      selectTop(keys.slice(), ids, 5000, top);
      expect(ids.slice(0, top).sort()).toEqual(expected.slice(0, top).sort());
      expect(ids[top - 1]).toBe(expected[top - 1]);
    }
  });

  it('a collector gives the first of a stream, one stream after another', () => {
    const collector = createTopCollector();
    const { keys, expected, random } = make(kind, 9000);
    for (const limit of [10, 3000, 0, Number.POSITIVE_INFINITY, 1, 700]) {
      collector.begin(limit);
      for (const id of shuffled(random, 9000)) collector.offer(keys[id] ?? 0, id);
      expect(Int32Array.from(collector.finish().ids)).toEqual(expected.slice(0, limit));
    }
  });
});

it('the bar of a collector is the worst of the best, and says when it rises', () => {
  const collector = createTopCollector();
  collector.begin(600);
  const rises: number[] = [];
  for (let i = 0; i < 3000; i++) if (collector.offer(i, i)) rises.push(collector.bar());
  expect(rises).toEqual([600, 1200, 1800, 2400]);
  collector.begin(1);
  expect(collector.bar()).toBe(Number.NEGATIVE_INFINITY);
});
