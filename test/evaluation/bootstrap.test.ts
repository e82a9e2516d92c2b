import { expect, it } from 'vitest';
import { splitMix } from '../../core/random.js';
import { differenceOf, percentileInterval, resamples } from '../../evaluation/bootstrap.js';

it('draws as many pictures as there are, the same for one seed', () => {
  const draw = (seed: number) => Array.from(resamples(20, 3, seed), (weights) => Array.from(weights));
  const first = draw(4);
  expect(first).toHaveLength(3);
  for (const weights of first) expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(20);
  expect(first[0]).not.toEqual(first[1]);
  expect(draw(4)).toEqual(first);
  expect(draw(5)).not.toEqual(first);
});

it('has the percentiles of numpy', () => {
  // numpy.percentile([3, 1, 4, 1, 5], [2.5, 97.5])
  expect(percentileInterval([3, 1, 4, Number.NaN, 1, 5])).toEqual([1, 4.9]);
  expect(percentileInterval([Number.NaN])).toBeNull();
});

it('holds the true value in about 95 of 100 cases', () => {
  const random = splitMix(11);
  let held = 0;
  const runs = 400;
  for (let run = 0; run < runs; run++) {
    // Means of 60 pictures that are right with a chance of 0.3.
    const pictures = Array.from({ length: 60 }, () => (random() < 0.3 ? 1 : 0));
    const means = Array.from(resamples(60, 300, run), (weights) => {
      return pictures.reduce((sum: number, value, i) => sum + value * (weights[i] ?? 0), 0) / 60;
    });
    const [low, high] = percentileInterval(means) ?? [0, 0];
    if (low <= 0.3 && high >= 0.3) held++;
  }
  expect(held / runs).toBeGreaterThan(0.91);
  expect(held / runs).toBeLessThan(0.98);
});

it('says what is better only where the interval leaves 0 out', () => {
  expect(differenceOf(0.5, 0.4, [0.05, 0.1, 0.2], 9).verdict).toBe('better');
  expect(differenceOf(0.4, 0.5, [-0.05, -0.1, -0.2], 9).verdict).toBe('worse');
  expect(differenceOf(0.5, 0.4, [-0.05, 0.1, 0.2], 9).verdict).toBe('unclear');
  expect(differenceOf(0.5, 0.5, [0, 0], 9).verdict).toBe('same');
  expect(differenceOf(0.5, 0.4, [0.1, 0.1], 4)).toMatchObject({ interval: null, verdict: 'few' });
  expect(differenceOf(null, 0.4, [], 9)).toMatchObject({ difference: null, verdict: 'unclear' });
});
