import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { activationCode, decodedWeight, roundToEven, weightCode } from '../../../graph/quantization/codes.js';
import { growingHistogram, type HistogramCounts } from '../../../graph/quantization/histogram.js';
import { entropyBins, percentileRange, rangeOf, squaredError } from '../../../graph/quantization/ranges.js';
import { formulaNumbers } from '../../formula_weights.js';
import { ROOT } from '../../workspace.js';

const pair = z.tuple([z.number(), z.number()]);
const { half, width, cases } = z
  .object({
    half: z.number(),
    width: z.number(),
    cases: z.record(
      z.string(),
      z.object({
        first: z.number(),
        counts: z.array(z.number()),
        min: z.number(),
        max: z.number(),
        entropy: pair,
        'percentile_99.9': pair,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(`${ROOT}test/fixtures/quantization/ranges.json`, 'utf8')));

function histogramOf({ first, counts: some, min, max }: (typeof cases)[string]): HistogramCounts {
  const counts = new Float64Array(2 * half);
  counts.set(some, first);
  return { counts, width, min, max };
}

describe.each(Object.entries(cases))('ranges of ONNX Runtime, %s', (_, given) => {
  const histogram = histogramOf(given);

  test('entropy', () => {
    // Whole multiples, as ONNX Runtime cuts fractions off.
    const bins = entropyBins(
      histogram.counts.map((count) => count * 27720),
      128,
    );
    const [low, high] = given.entropy;
    expect(Math.max(given.min, -bins * width)).toBe(low);
    expect(Math.min(given.max, (bins + 1) * width)).toBe(high);
  });

  test('percentile', () => {
    const [low, high] = given['percentile_99.9'];
    const range = percentileRange(histogram, 99.9);
    // Its upper end is one bin lower: the bin in which the percentile lies is cut off.
    expect([range.min, range.max]).toEqual([low, Math.min(given.max, high === given.max ? high : high + width)]);
  });
});

test('entropy leaves out what is far and rare, mse less so, min-max nothing', () => {
  const histogram = growingHistogram();
  histogram.add(formulaNumbers('values', 50_000, (u) => (u - 0.5) ** 3 * 8));
  histogram.add(Float32Array.of(30));
  const counts = histogram.read();
  const [all, mse, entropy] = (['min-max', 'mse', 'entropy'] as const).map((method) => rangeOf(counts, method));
  expect(all).toEqual({ min: counts.min, max: 30 });
  expect(mse?.max).toBeLessThan(30);
  expect(entropy?.max).toBeLessThan(4);
  expect(squaredError(counts, mse ?? { min: 0, max: 0 })).toBeLessThan(squaredError(counts, all ?? { min: 0, max: 0 }));
});

test('mse finds the best of its ranges, as trying all of them finds it', () => {
  const histogram = growingHistogram();
  histogram.add(formulaNumbers('peaked', 5000, (u) => (2 * u - 1) ** 9));
  const counts = histogram.read();
  const best = rangeOf(counts, 'mse');
  const least = squaredError(counts, best);
  for (let part = 1; part <= 64; part++) {
    const both = { min: (counts.min * part) / 64, max: (counts.max * part) / 64 };
    expect(squaredError(counts, both)).toBeGreaterThanOrEqual(least);
  }
});

test('a histogram counts the same whatever the order and the size of what comes', () => {
  const values = formulaNumbers('any', 3000, (u) => (u - 0.4) * 10 ** (6 * u - 3));
  const [whole, parts] = [growingHistogram(), growingHistogram()];
  whole.add(values);
  for (let i = values.length; i > 0; i -= 250) parts.add(values.slice(Math.max(0, i - 250), i).reverse());
  const { counts, width: step, min, max } = whole.read();
  expect(parts.read()).toEqual({ counts, width: step, min, max });
  expect(min).toBe(Math.min(...values));
  expect(max).toBe(Math.max(...values));
  const middle = counts.length / 2;
  const naive = new Float64Array(counts.length);
  for (const value of values)
    naive[Math.floor(value / step) + middle] = (naive[Math.floor(value / step) + middle] ?? 0) + 1;
  expect(counts).toEqual(naive);
  expect(() => whole.add(Float32Array.of(1, Number.NaN))).toThrow('finite');
  expect(rangeOf(growingHistogram().read(), 'mse')).toEqual({ min: 0, max: 0 });
});

test('codes: zero is exact, weights are symmetric, halves go to the even number', () => {
  expect(activationCode({ min: -1, max: 3 })).toEqual({ scale: Math.fround(4 / 255), zeroPoint: 64 });
  expect(activationCode({ min: 0.5, max: 2 })).toEqual({ scale: Math.fround(2 / 255), zeroPoint: 0 });
  expect(activationCode({ min: -2, max: -1 })).toEqual({ scale: Math.fround(2 / 255), zeroPoint: 255 });
  expect(activationCode({ min: 0, max: 0 })).toEqual({ scale: 1, zeroPoint: 0 });
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 0.49].map(roundToEven).map((value) => value + 0)).toEqual([0, 2, 2, 0, -2, 0]);

  const weight = { shape: [3, 1, 1, 2], data: Float32Array.of(1, -0.5, 0, 0, 0.25, 0.125) };
  const seven = weightCode(weight, 7);
  expect([...seven.values]).toEqual([64, -32, 0, 0, 64, 32]);
  expect([...seven.scales]).toEqual([1 / 64, 1, 1 / 256]);
  expect(decodedWeight(seven)).toEqual(weight.data);
  expect(Math.max(...weightCode(weight, 8).values)).toBe(127);
  expect([...weightCode(weight, 8, [0, 0, 0.125]).values]).toEqual([127, -64, 0, 0, 2, 1]);
});
