import { describe, expect, test } from 'vitest';
import { decoders } from '../../weights/dtype.js';

/** The float32 value of each 16-bit pattern. */
function sixteenBits(dtype: 'float16' | 'bfloat16'): Float32Array {
  const patterns = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const out = new Float32Array(patterns.length);
  decoders[dtype](true)(new DataView(patterns.buffer), 0, out.length, out, 0);
  return out;
}

describe('float16', () => {
  const values = sixteenBits('float16');
  test('every pattern has the value of IEEE 754', () => {
    for (let pattern = 0; pattern < values.length; pattern++) {
      const sign = pattern & 0x8000 ? -1 : 1;
      const exponent = (pattern >> 10) & 31;
      const fraction = pattern & 1023;
      const special = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
      const finite = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
      expect(Object.is(values[pattern], exponent === 31 ? special : sign * finite)).toBe(true);
    }
  });
  test('known values', () => {
    expect([values[0x3c00], values[0x7bff], values[0x0001], values[0xc000]]).toEqual([1, 65504, 2 ** -24, -2]);
  });
});

test('bfloat16 is the upper half of a float32', () => {
  const values = sixteenBits('bfloat16');
  const patterns = new Uint32Array(values.buffer);
  expect(patterns.every((pattern, i) => pattern === i * 65536)).toBe(true);
});

test.each([
  [2n ** 53n, 2 ** 53],
  [2n ** 60n + 2n ** 36n, 2 ** 60],
  [2n ** 60n + 2n ** 36n + 1n, 2 ** 60 + 2 ** 37],
  [-(2n ** 60n + 2n ** 36n + 1n), -(2 ** 60 + 2 ** 37)],
  [2n ** 63n - 1n, 2 ** 63],
  [-(2n ** 63n), -(2 ** 63)],
  [16777217n, 16777216],
  [-3n, -3],
])('int64 %s is rounded once', (value, expected) => {
  for (const little of [true, false]) {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigInt64(0, value, little);
    const out = new Float32Array(1);
    decoders.int64(little)(bytes, 0, 1, out, 0);
    expect(out[0]).toBe(expected);
  }
});
