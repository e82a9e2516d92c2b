import { describe, expect, test } from 'vitest';
import type { Tensor } from '../core/tensor.js';
import { formulaInput } from './formula_weights.js';
import { relativeError } from './run_network.js';
import { sampledError, sampleTensor } from './sampled_tensor.js';

const shape = [1, 48, 19, 26] as const;
const [, channels, height, width] = shape;
const whole: Tensor = { shape, data: formulaInput('feature', shape) };
const reference = sampleTensor(whole, 1);
const BOUND = 1e-5;

/** The tensor with another value at each place: what `from` says, else what is there. */
function changed(from: (c: number, y: number, x: number) => readonly [c: number, y: number, x: number]): Tensor {
  const at = (c: number, y: number, x: number) => (c * height + y) * width + x;
  const data = whole.data.map((_, i) => {
    const place = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width] as const;
    return whole.data[at(...from(...place))] ?? 0;
  });
  return { shape, data };
}

test('keeps corners and borders of many channels, and every channel', () => {
  const places = Array.from(reference.indices, (i) => ({
    channel: Math.floor(i / (height * width)),
    corner: [0, height - 1].includes(Math.floor(i / width) % height) && [0, width - 1].includes(i % width),
  }));
  expect(new Set(places.map(({ channel }) => channel)).size).toBe(channels);
  expect(new Set(places.filter(({ corner }) => corner).map(({ channel }) => channel)).size).toBe(channels);
  expect(places.length).toBeGreaterThan(700);
});

describe('the small form notices', () => {
  test.each<readonly [string, Tensor]>([
    ['a border that takes its neighbour’s values', changed((c, y, x) => [c, Math.max(y, 1), x])],
    ['the last column of every channel', changed((c, y, x) => [c, y, Math.min(x, width - 2)])],
    ['one corner of every channel', changed((c, y, x) => [c, y + x === height + width - 2 ? y - 1 : y, x])],
    ['a shift by one pixel', changed((c, y, x) => [c, y, (x + 1) % width])],
    ['a shift in one channel', changed((c, y, x) => [c, c === 17 ? (y + 1) % height : y, x])],
    ['two channels that changed places', changed((c, y, x) => [c === 5 ? 6 : c === 6 ? 5 : c, y, x])],
    ['a map turned over', changed((c, y, x) => [c, height - 1 - y, x])],
    ['a scale that is off by a part in ten thousand', { shape, data: whole.data.map((value) => value * 1.0001) }],
    ['NaN at one place', { shape, data: whole.data.map((value, i) => (i === 12_345 ? Number.NaN : value)) }],
    ['one wrong element', { shape, data: whole.data.map((value, i) => (i === 12_345 ? 2 - value : value)) }],
  ])('%s', (_, wrong) => {
    expect(sampledError(wrong, reference)).toBeGreaterThan(BOUND);
  });

  test('another shape', () => {
    const turned = { shape: [1, 48, 26, 19], data: whole.data };
    expect(() => sampledError(turned, reference)).toThrow("shape [1,48,26,19] against the reference's [1,48,19,26]");
    expect(() => sampledError(undefined, reference)).toThrow('shape [undefined]');
  });
});

test('never says more than the largest difference of an element', () => {
  expect(sampledError(whole, reference)).toBeLessThan(1e-7);
  const noise = formulaInput('noise', shape);
  for (const amplitude of [4e-6, 1e-3, 0.5]) {
    for (const near of [
      { shape, data: whole.data.map((value, i) => value + amplitude * (noise[i] ?? 0)) },
      { shape, data: whole.data.map((value) => value + amplitude) },
    ]) {
      const error = sampledError(near, reference);
      expect(error).toBeLessThanOrEqual(relativeError(near, whole) * 1.001);
      expect(error).toBeGreaterThan(relativeError(near, whole) * 0.9);
    }
  }
});

test('a small tensor is kept whole', () => {
  const small = { shape: [2, 3], data: formulaInput('small', [2, 3]) };
  expect(sampleTensor(small, 1)).toMatchObject({ sums: [], values: small.data });
});
