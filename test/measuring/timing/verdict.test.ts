import { describe, expect, test } from 'vitest';
import { compareTimes, signTest } from '../../../measuring/timing/verdict.js';
import { seededRandom } from '../../random.js';

/** Times around a middle, spread by a share of it, the same in every run of the tests. */
function times(middle: number, share: number, count: number, seed: number): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => middle * (1 + share * (2 * random() - 1)));
}

describe('compareTimes', () => {
  test('a difference well above the spread has a winner', () => {
    const compared = compareTimes(times(10, 0.05, 15, 1), times(20, 0.05, 15, 2));
    expect(compared.verdict).toBe('faster');
    expect(compared.ratio).toBeCloseTo(0.5, 1);
    expect(compared.rounds).toBe(15);
    expect(compareTimes(times(20, 0.05, 15, 1), times(10, 0.05, 15, 2)).verdict).toBe('slower');
  });

  test('a spread that swamps the difference has none', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const compared = compareTimes(times(10, 0.6, 15, seed), times(10.2, 0.6, 15, seed + 100));
      expect(compared.q25).toBeLessThan(compared.q75);
      if (compared.verdict !== 'unclear') expect(Math.abs(compared.ratio - 1)).toBeGreaterThan(0.15);
    }
  });

  test('equal contestants seldom get one, however often they are compared', () => {
    const wrong = Array.from({ length: 400 }, (_, i) =>
      compareTimes(times(10, 0.3, 15, 2 * i + 1), times(10, 0.3, 15, 2 * i + 2)),
    ).filter(({ verdict }) => verdict !== 'unclear');
    expect(wrong.length / 400).toBeLessThan(0.07);
  });

  test('a slow moment that meets both is no difference', () => {
    const slow = (round: number) => (round % 3 === 0 ? 5 : 1);
    const first = times(10, 0.02, 15, 3).map((time, i) => time * slow(i));
    const second = times(10.01, 0.02, 15, 4).map((time, i) => time * slow(i));
    const { q25, q75 } = compareTimes(first, second);
    expect(q75 - q25).toBeLessThan(0.05);
  });

  test('too few rounds have none, however clear they look', () => {
    expect(compareTimes([1, 1, 1, 1, 1], [2, 2, 2, 2, 2]).verdict).toBe('unclear');
    expect(compareTimes([1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2]).verdict).toBe('faster');
    expect(compareTimes([], []).verdict).toBe('unclear');
  });

  test('the same times have none', () => {
    const same = times(10, 0.1, 15, 7);
    expect(compareTimes(same, same)).toMatchObject({ ratio: 1, verdict: 'unclear' });
  });
});

test('signTest is twice the tail of the binomial', () => {
  expect(signTest(0, 6)).toBeCloseTo(2 / 64, 12);
  expect(signTest(3, 15)).toBeCloseTo((2 * (1 + 15 + 105 + 455)) / 2 ** 15, 12);
  expect(signTest(5, 10)).toBe(1);
  expect(signTest(0, 0)).toBe(1);
});
