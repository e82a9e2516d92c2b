/** Which of two is faster, and whether that can be said at all. */
import { median, quantile, ratios } from './statistics.js';

/** Of `first` against `second`; `unclear` where the machine is too noisy, or the two too much alike. */
export type Verdict = 'faster' | 'slower' | 'unclear';

export interface Comparison {
  /** Median of first / second, round by round: below 1 where the first takes less time. */
  readonly ratio: number;
  /** Where the middle half of these ratios lies. */
  readonly q25: number;
  readonly q75: number;
  readonly rounds: number;
  readonly verdict: Verdict;
}

/** Chance agrees as often as that in fewer than one of twenty comparisons of things that are equal. */
const CHANCE = 0.05;

/**
 * Times of the same rounds, in the same order. One is called faster where the middle half of the ratios lies on one side
 * of 1, and so many rounds agree with it as chance would bring about in fewer than 1 of 20 comparisons (the sign test):
 * of six rounds all, of fifteen twelve.
 */
export function compareTimes(first: readonly number[], second: readonly number[]): Comparison {
  const pairs = ratios(first, second).filter((ratio) => !Number.isNaN(ratio));
  const [q25, q75] = [quantile(pairs, 0.25), quantile(pairs, 0.75)];
  return { ratio: median(pairs), q25, q75, rounds: pairs.length, verdict: judge(pairs, q25, q75) };
}

function judge(pairs: readonly number[], q25: number, q75: number): Verdict {
  const below = pairs.filter((ratio) => ratio < 1).length;
  const above = pairs.filter((ratio) => ratio > 1).length;
  if (signTest(Math.min(below, above), below + above) >= CHANCE) return 'unclear';
  if (q75 < 1) return 'faster';
  return q25 > 1 ? 'slower' : 'unclear';
}

/** How often chance splits `total` rounds at least as unevenly, in either direction: twice the binomial's tail. */
export function signTest(fewer: number, total: number): number {
  if (total === 0) return 1;
  let logChoose = 0;
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(logChoose - total * Math.LN2);
    logChoose += Math.log((total - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
