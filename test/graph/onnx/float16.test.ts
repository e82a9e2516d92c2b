import { describe, expect, it } from 'vitest';
import { float16Bits, LARGEST_FLOAT16 } from '../../../graph/onnx/float16.js';

function bitsOf(...values: readonly number[]): number[] {
  return [...float16Bits(Float32Array.from(values), new Uint16Array(values.length))];
}

/** By the definition of binary16. */
function float16Value(half: number): number {
  const sign = half >> 15 === 0 ? 1 : -1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const FINITE = Array.from({ length: 0x7c00 }, (_, half) => half);

describe('float16Bits', () => {
  it('gives every float16 back', () => {
    expect(bitsOf(...FINITE.map(float16Value))).toEqual(FINITE);
    expect(bitsOf(...FINITE.map((half) => float16Value(half | 0x8000)))).toEqual(FINITE.map((half) => half | 0x8000));
    expect(bitsOf(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN)).toEqual([0x7c00, 0xfc00, 0x7e00]);
  });

  it('rounds to the nearest, ties to even', () => {
    const middles = FINITE.slice(0, -1).map((half) => (float16Value(half) + float16Value(half + 1)) / 2);
    const nearer = (side: number) => middles.map((value) => value * (1 + side * 2 ** -20));
    expect(bitsOf(...middles)).toEqual(FINITE.slice(0, -1).map((half) => half + (half & 1)));
    expect(bitsOf(...nearer(-1))).toEqual(FINITE.slice(0, -1));
    expect(bitsOf(...nearer(1))).toEqual(FINITE.slice(1));
  });

  it('ends at 65504, where rounding goes on to infinity from 65520', () => {
    expect(float16Value(0x7bff)).toBe(LARGEST_FLOAT16);
    expect(bitsOf(65519, 65520, -65536, 1e30)).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00]);
    expect(bitsOf(1e-8, -1e-30, 0)).toEqual([0, 0x8000, 0]);
  });

  it('fills a part of a larger array, from a view', () => {
    const values = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const into = new Uint16Array(4).fill(7);
    expect([...float16Bits(values, into)]).toEqual([0x3c00, 0x4000]);
    expect([...into]).toEqual([0x3c00, 0x4000, 7, 7]);
  });
});
