/**
 * float16 (IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction) as its bits: Node before 24 has no
 * Float16Array.
 */

/** The largest finite one; from 65520 on a value rounds to infinity. */
export const LARGEST_FLOAT16 = 65504;

const INFINITY = 0x7c00;
const NOT_A_NUMBER = 0x7e00;

/** Bits of float32: the least that overflows float16 whatever its rounding, infinity, and the least normal float16. */
const TOO_LARGE = 0x4780_0000;
const FLOAT32_INFINITY = 0x7f80_0000;
const LEAST_NORMAL = 0x3880_0000;
/** 0.5 as float32: added to a value below the least normal float16, it leaves the rounded subnormal in the last bits. */
const HALF = 0x3f00_0000;
/** The exponent's offset goes from 127 to 15; 13 bits of the fraction are dropped, to the nearest, ties to even. */
const REBIAS = ((15 - 127) << 23) + 0xfff;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest float16 of each value, ties to even, as bits in `into`, of which a view of the same length is given back. */
export function float16Bits(values: Float32Array, into: Uint16Array): Uint16Array {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < source.length; i++) {
    const all = source[i] ?? 0;
    const magnitude = all & 0x7fff_ffff;
    into[i] = ((all >>> 16) & 0x8000) | magnitudeBits(magnitude);
  }
  return into.subarray(0, source.length);
}

function magnitudeBits(magnitude: number): number {
  if (magnitude >= TOO_LARGE) return magnitude > FLOAT32_INFINITY ? NOT_A_NUMBER : INFINITY;
  if (magnitude >= LEAST_NORMAL) return (magnitude + REBIAS + ((magnitude >>> 13) & 1)) >>> 13;
  bits[0] = magnitude;
  float[0] = (float[0] ?? 0) + 0.5;
  return (bits[0] ?? 0) - HALF;
}
