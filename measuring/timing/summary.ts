import type { Summary } from '../record.js';
import { minimum, quantile } from './statistics.js';

/** Median, middle half and least of the times. */
export function summarise(times: readonly number[]): Summary {
  return {
    median: quantile(times, 0.5),
    q25: quantile(times, 0.25),
    q75: quantile(times, 0.75),
    least: minimum(times),
  };
}
