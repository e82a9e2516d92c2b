import type { Range } from './codes.js';

/** Counts of a tensor's values, in bins of one width around 0. */
export interface HistogramCounts extends Range {
  /** Bin i holds the values from (i - counts.length / 2) * width on, to less than one width more. */
  readonly counts: Float64Array;
  readonly width: number;
}

/** Counts values of which nobody knows beforehand how large they are. */
export interface Histogram {
  /** @throws {RangeError} for NaN and infinity. */
  add(values: Float32Array): void;
  /** What was counted so far. */
  read(): HistogramCounts;
}

/** On each side of 0; at least half of them have values of the larger side. */
const HALF = 2048;

/**
 * A histogram that grows: where a value lies outside, bins are joined two by two. Widths are powers of two and 0 is an edge,
 * so that every edge is one of the finer histogram before, and counts are exact whatever the order of the values.
 */
export function growingHistogram(): Histogram {
  let counts = new Float64Array(2 * HALF);
  let width = 2 ** -100;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  function grow(largest: number): void {
    if (!Number.isFinite(largest)) throw new RangeError('a value that is no finite number');
    while (largest >= HALF * width) {
      const joined = new Float64Array(2 * HALF);
      for (let i = 0; i < HALF; i++) joined[HALF / 2 + i] = (counts[2 * i] ?? 0) + (counts[2 * i + 1] ?? 0);
      counts = joined;
      width *= 2;
    }
  }

  return {
    add(values) {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      let sum = 0;
      for (const value of values) {
        if (value < low) low = value;
        if (value > high) high = value;
        sum += value;
      }
      // Comparisons let NaN pass; it shows in the sum.
      if (!Number.isFinite(sum)) grow(Number.NaN);
      if (values.length > 0) grow(Math.max(Math.abs(low), Math.abs(high)));
      [min, max] = [Math.min(min, low), Math.max(max, high)];
      const inverse = 1 / width;
      for (const value of values) {
        const bin = Math.floor(value * inverse) + HALF;
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
    },
    read: () => ({ counts, width, min, max }),
  };
}
