/** What is said of many times, and the noise that networks are run on. No Node API. */
import { splitMix } from '../../core/random.js';

/** The value below which a share of the values lies, linear between neighbours; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const minimum = (values: readonly number[]): number => quantile(values, 0);

/** How unsteady times were: the width of their middle half as a share of the median, in percent. */
export function spread(values: readonly number[]): string {
  const width = (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
  return `${(100 * width).toFixed(1)} %`;
}

/** a[i] / b[i]. */
export function ratios(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((time, i) => time / (b[i] ?? Number.NaN));
}

/** The same numbers in every run: uniform in [low, high). */
export function noise(low: number, high: number, seed = 1): () => number {
  const random = splitMix(seed);
  return () => low + (high - low) * random();
}
