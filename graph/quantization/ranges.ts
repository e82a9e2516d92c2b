/** Which part of a tensor's values its 256 bytes are to stand for; what lies outside becomes the outermost byte. */
import { activationCode, type Range } from './codes.js';
import type { HistogramCounts } from './histogram.js';

/** `min-max` takes all values; the others leave out what is far and rare, so that the rest is told apart better. */
export const RANGE_METHODS = ['min-max', 'percentile', 'mse', 'entropy'] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

/** The range of a histogram by a method. Without any value: 0 to 0. */
export function rangeOf(histogram: HistogramCounts, method: RangeMethod): Range {
  if (!(histogram.min <= histogram.max)) return { min: 0, max: 0 };
  switch (method) {
    case 'min-max':
      return { min: histogram.min, max: histogram.max };
    case 'percentile':
      return percentileRange(histogram, 99.999);
    case 'mse':
      return mseRange(histogram);
    case 'entropy':
      return entropyRange(histogram);
  }
}

/** All but `(100 - percent) / 2` percent of the values on either side, to a bin's edge, as ONNX Runtime's PercentileCalibrater. */
export function percentileRange({ counts, width, min, max }: HistogramCounts, percent: number): Range {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const outside = (total * (100 - percent)) / 200;
  const half = counts.length / 2;
  let [low, below] = [0, 0];
  while (low < counts.length && below + (counts[low] ?? 0) <= outside) below += counts[low++] ?? 0;
  let [high, above] = [counts.length, 0];
  while (high > low && above + (counts[high - 1] ?? 0) <= outside) above += counts[--high] ?? 0;
  return { min: Math.max(min, (low - half) * width), max: Math.min(max, (high - half) * width) };
}

/** How far the ends of a range are moved inwards, as parts of the way to 0. */
const SHRINKING = Array.from({ length: 64 }, (_, i) => (64 - i) / 64);

/**
 * The range with the least mean squared error of the bytes, among those whose ends lie in 64ths of the extreme values:
 * both ends together first, then each by itself (Choukroun et al., arXiv 1902.06822, section 3).
 */
function mseRange(histogram: HistogramCounts): Range {
  const { min, max } = histogram;
  const best = (ranges: readonly Range[]) => least(ranges, (range) => squaredError(histogram, range));
  const both = best(SHRINKING.map((part) => ({ min: Math.min(0, min) * part, max: Math.max(0, max) * part })));
  const lower = best(SHRINKING.map((part) => ({ min: Math.min(0, min) * part, max: both.max })));
  return best(SHRINKING.map((part) => ({ min: lower.min, max: Math.max(0, max) * part })));
}

/** The sum of squared errors of the values, each taken for the middle of its bin. */
export function squaredError({ counts, width }: HistogramCounts, range: Range): number {
  const { scale, zeroPoint } = activationCode(range);
  const half = counts.length / 2;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    const value = (i - half + 0.5) * width;
    const byte = Math.min(255, Math.max(0, Math.round(value / scale) + zeroPoint));
    sum += count * (value - (byte - zeroPoint) * scale) ** 2;
  }
  return sum;
}

/** Levels that the clipped distribution is brought to while ranges are compared. */
const LEVELS = 128;

/**
 * The range, symmetric as long as the values are, at which the distribution brought to few levels tells the least less than
 * the clipped one (Kullback-Leibler divergence): Migacz, "8-bit inference with TensorRT", GTC 2017, as ONNX Runtime's
 * EntropyCalibrater calculates it.
 */
function entropyRange({ counts, width, min, max }: HistogramCounts): Range {
  const pairs = Float64Array.from(
    { length: counts.length / 2 },
    (_, i) => (counts[2 * i] ?? 0) + (counts[2 * i + 1] ?? 0),
  );
  const bins = entropyBins(pairs, LEVELS);
  return { min: Math.max(min, -bins * 2 * width), max: Math.min(max, (bins + 1) * 2 * width) };
}

/**
 * @param counts of bins around 0; an even number of bins is taken for one more, empty, at the upper end.
 * @returns how many bins on each side of the middle one stay inside.
 */
export function entropyBins(counts: Float64Array, levels: number): number {
  const zero = Math.floor(counts.length / 2);
  const candidates = Array.from({ length: Math.max(0, zero - levels / 2 + 1) }, (_, i) => levels / 2 + i);
  const outermost = outermostBin(counts, zero);
  // Beyond the values nothing changes but the coarseness.
  const useful = candidates.filter((half) => half <= Math.max(outermost, levels / 2));
  return least(useful.length === 0 ? [outermost] : useful, (half) => clippedDivergence(counts, zero, half, levels));
}

function outermostBin(counts: Float64Array, zero: number): number {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return first < 0 ? 0 : Math.max(zero - first, last - zero);
}

function clippedDivergence(counts: Float64Array, zero: number, half: number, levels: number): number {
  const [start, end] = [zero - half, Math.min(zero + half + 1, counts.length)];
  const inside = counts.subarray(start, end);
  const clipped = Float64Array.from(inside);
  const size = clipped.length;
  clipped[0] = (clipped[0] ?? 0) + total(counts.subarray(0, start));
  clipped[size - 1] = (clipped[size - 1] ?? 0) + total(counts.subarray(end));
  const brought = new Float64Array(size);
  const merged = Math.floor(size / levels);
  for (let level = 0; level < levels; level++) {
    const from = level * merged;
    // The last level has what is left over; its share is spread over its own bins alone.
    const sum = total(inside.subarray(from, level === levels - 1 ? size : from + merged));
    const filled = merged - zerosOf(clipped.subarray(from, from + merged));
    if (filled > 0) brought.fill(sum / filled, from, from + merged);
  }
  const [p, q] = [smoothed(clipped), smoothed(brought)];
  return p === undefined || q === undefined ? Number.POSITIVE_INFINITY : divergence(p, q);
}

/** Zeros would make the divergence infinite: each becomes 0.0001, which the others pay for. */
function smoothed(counts: Float64Array): Float64Array | undefined {
  const zeros = zerosOf(counts);
  if (zeros === counts.length) return undefined;
  const paid = (1e-4 * zeros) / (counts.length - zeros);
  const result = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    const left = count === 0 ? 1e-4 : count - paid;
    if (!(left > 0)) return undefined;
    result[i] = left;
  }
  return result;
}

function divergence(p: Float64Array, q: Float64Array): number {
  const [ofP, ofQ] = [total(p), total(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const share = (p[i] ?? 0) / ofP;
    sum += share * Math.log((share * ofQ) / (q[i] ?? 0));
  }
  return sum;
}

// Loops by index: a tensor takes a thousand divergences of a thousand bins, and closures made of that seconds.
function zerosOf(counts: Float64Array): number {
  let zeros = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i] === 0) zeros++;
  return zeros;
}

function total(counts: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i] ?? 0;
  return sum;
}

/** The first of those with the least cost. */
function least<T>(choices: readonly T[], cost: (choice: T) => number): T {
  const costs = choices.map(cost);
  const at = costs.indexOf(costs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
  const found = choices[Math.max(0, at)];
  if (found === undefined) throw new RangeError('no choice');
  return found;
}
