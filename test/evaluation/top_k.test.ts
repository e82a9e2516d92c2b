import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTopK } from '../../evaluation/top_k.js';

const schema = z.object({
  scores: z.array(z.array(z.number())),
  targets: z.array(z.int()),
  accuracy: z.record(z.string(), z.number()),
  ranking: z.array(z.array(z.int())),
});
const file = new URL('../fixtures/top_k/timm.json', import.meta.url);
const expected = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
const { scores, targets } = expected;
const ks = Object.keys(expected.accuracy).map(Number);

test('scores give timm’s accuracies, also for a k above the number of classes', () => {
  const topK = createTopK(ks, { numClasses: 12 });
  scores.forEach((row, i) => {
    topK.addScores(`${i}`, targets[i] ?? -1, Float32Array.from(row));
  });
  const { pictures, top } = topK.result();
  expect(pictures).toBe(60);
  expect(top.map(({ k }) => k)).toEqual([1, 3, 5, 20]);
  for (const { k, accuracy } of top) expect(accuracy).toBeCloseTo(expected.accuracy[k] ?? Number.NaN, 7);
});

test('rankings give what scores give', () => {
  const byScore = createTopK([1, 3, 5], { numClasses: 12 });
  const byRank = createTopK([1, 3, 5], { numClasses: 12 });
  scores.forEach((row, i) => {
    byScore.addScores(`${i}`, targets[i] ?? -1, row);
    byRank.addRanking(`${i}`, targets[i] ?? -1, expected.ranking[i] ?? []);
  });
  expect(byRank.counts()).toEqual(byScore.counts());
});

test('merged shards, in any order, are the whole', () => {
  const shard = (remainder: number, of: number) => {
    const part = createTopK(ks, { numClasses: 12 });
    scores.forEach((row, i) => {
      if (i % of === remainder) part.addScores(`${i}`, targets[i] ?? -1, row);
    });
    return part;
  };
  const merged = createTopK(ks, { numClasses: 12 });
  for (const remainder of [2, 0, 1]) merged.merge(JSON.parse(JSON.stringify(shard(remainder, 3).counts())));
  expect(merged.counts()).toEqual(shard(0, 1).counts());
});

test('of equal scores the lower class ranks higher', () => {
  const right = (target: number) => {
    const topK = createTopK([1, 2, 3], { numClasses: 4 });
    topK.addScores('a', target, [0.2, 0.4, 0.2, 0.4]);
    return topK.result().top.map(({ correct }) => correct);
  };
  expect([right(0), right(1), right(2), right(3)]).toEqual([
    [0, 0, 1],
    [1, 1, 1],
    [0, 0, 0],
    [0, 1, 1],
  ]);
});

test('nothing added: no accuracy', () => {
  expect(createTopK([1], { numClasses: 3 }).result()).toEqual({
    pictures: 0,
    top: [{ k: 1, correct: 0, accuracy: null }],
  });
});

describe('what cannot be scored is an error with its place', () => {
  const topK = createTopK([1, 5], { numClasses: 3 });
  test.each([
    [() => topK.addScores('a.jpg', 3, [1, 2, 3]), 'a.jpg: target: expected a class from 0 to 2 but received 3'],
    [() => topK.addScores('a.jpg', 0, [1, 2]), 'a.jpg: scores: expected 3 scores but received 2'],
    [() => topK.addScores('a.jpg', 0, [1, Number.NaN, 2]), "a.jpg: scores[1]: expected a number but received 'NaN'"],
    [() => topK.addScores('a.jpg', 0, [Number.NaN, 1, 2]), 'a.jpg: scores[0]'],
    [() => topK.addRanking('a.jpg', 0, [0, 1]), 'a.jpg: ranking: expected at least 3 classes but received 2'],
    [() => topK.addRanking('a.jpg', 0, [1, 0, 1]), 'a.jpg: ranking[2]: expected each class once but received 1'],
    [() => topK.addRanking('a.jpg', 0, [1, 0, 5]), 'a.jpg: ranking[2]: expected a class from 0 to 2 but received 5'],
    [() => topK.merge({ numClasses: 4, ks: [1, 5], pictures: 0, correct: [0, 0] }), 'numClasses 3, ks 1 5'],
    [() => topK.merge({ numClasses: 3, ks: [1, 5], pictures: 1, correct: [2, 1] }), 'merge: correct'],
    [() => topK.merge({ numClasses: 3, ks: [1, 5], pictures: -1, correct: [0, 0] }), 'merge: pictures'],
    [() => createTopK([], { numClasses: 3 }), 'ks'],
    [() => createTopK([1, 1], { numClasses: 3 }), 'ks'],
    [() => createTopK([1], { numClasses: 0 }), 'numClasses'],
  ])('%o', (act, message) => {
    expect(act).toThrow(message);
    expect(topK.counts().pictures).toBe(0);
  });
});
