/**
 * How far a figure would move on other pictures of the same kind: the percentile bootstrap (Efron, Annals of Statistics
 * 1979) over pictures, which are drawn anew with replacement, each with all that belongs to it.
 */
import { splitMix } from '../core/random.js';

/** From the 2.5th to the 97.5th percentile. */
export type Interval = readonly [low: number, high: number];

/** How often each of `pictures` is drawn, as one resample after the other; the array is written anew each time. */
export function* resamples(pictures: number, count: number, seed: number): Generator<Int32Array> {
  const random = splitMix(seed);
  const weights = new Int32Array(pictures);
  for (let i = 0; i < count; i++) {
    weights.fill(0);
    for (let draw = 0; draw < pictures; draw++) {
      const picture = Math.floor(random() * pictures);
      weights[picture] = (weights[picture] ?? 0) + 1;
    }
    yield weights;
  }
}

/** Of the figure in each resample; NaN, where a resample had nothing to measure, is left out. null without any. */
export function percentileInterval(values: Iterable<number>): Interval | null {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (sorted.length === 0) return null;
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** Between the two nearest in proportion, as numpy's `percentile`. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? 0;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

/** A figure of two runs on the same pictures. */
export interface Difference {
  readonly ours: number | null;
  readonly against: number | null;
  /** Ours less the other; null where one of them is. */
  readonly difference: number | null;
  /** Of the difference, 95 %. */
  readonly interval: Interval | null;
  /** Better or worse where the interval leaves 0 out; few: too few pictures for an interval. */
  readonly verdict: 'better' | 'worse' | 'unclear' | 'same' | 'few';
}

/** With fewer pictures an interval says little. */
export const FEWEST_PICTURES = 5;

/**
 * @param resampled the difference in each resample. @param pictures that have something to measure.
 */
export function differenceOf(
  ours: number | null,
  against: number | null,
  resampled: Iterable<number>,
  pictures: number,
): Difference {
  if (ours === null || against === null) {
    return { ours, against, difference: null, interval: null, verdict: 'unclear' };
  }
  const difference = ours - against;
  const interval = pictures < FEWEST_PICTURES ? null : percentileInterval(resampled);
  return { ours, against, difference, interval, verdict: verdict(difference, interval) };
}

function verdict(difference: number, interval: Interval | null): Difference['verdict'] {
  if (interval === null) return difference === 0 ? 'same' : 'few';
  const [low, high] = interval;
  if (low > 0) return 'better';
  if (high < 0) return 'worse';
  return low === 0 && high === 0 && difference === 0 ? 'same' : 'unclear';
}
