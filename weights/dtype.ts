/** The element types that a checkpoint may hold; every one of them is read as float32. */
export type DType = keyof typeof elementBytes;

/** Bytes per element. */
export const elementBytes = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
} as const;

/** Whether this machine keeps the lowest byte of a number first, as nearly all do. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Writes `count` elements that start at byte `from` of `bytes` (in `dtype`, little-endian) to `out[to...]`. */
export type Decoder = (bytes: DataView, from: number, count: number, out: Float32Array, to: number) => void;

/**
 * float32 of each element as `tensor.float()` gives it: round to nearest even; exact for float16, bfloat16 and the
 * integers up to 2^24; `bool` is 0 or 1.
 */
export const decoders = {
  float64: each(8, (bytes, at, little) => bytes.getFloat64(at, little)),
  float32: bits(4, (bytes, at, little) => bytes.getUint32(at, little)),
  float16: bits(2, (bytes, at, little) => halfBits(bytes.getUint16(at, little))),
  bfloat16: bits(2, (bytes, at, little) => bytes.getUint16(at, little) << 16),
  int64: each(8, int64),
  uint64: each(8, uint64),
  int32: each(4, (bytes, at, little) => bytes.getInt32(at, little)),
  int16: each(2, (bytes, at, little) => bytes.getInt16(at, little)),
  int8: each(1, (bytes, at) => bytes.getInt8(at)),
  uint32: each(4, (bytes, at, little) => bytes.getUint32(at, little)),
  uint16: each(2, (bytes, at, little) => bytes.getUint16(at, little)),
  uint8: each(1, (bytes, at) => bytes.getUint8(at)),
  bool: each(1, (bytes, at) => (bytes.getUint8(at) === 0 ? 0 : 1)),
} satisfies Record<DType, (little: boolean) => Decoder>;

type Element = (bytes: DataView, at: number, little: boolean) => number;

function each(size: number, element: Element): (little: boolean) => Decoder {
  return (little) => (bytes, from, count, out, to) => {
    for (let i = 0; i < count; i++) out[to + i] = element(bytes, from + i * size, little);
  };
}

/** For elements whose float32 bit pattern is known: a NaN keeps its payload, which a number would lose. */
function bits(size: number, element: Element): (little: boolean) => Decoder {
  return (little) => (bytes, from, count, out, to) => {
    const patterns = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < count; i++) patterns[to + i] = element(bytes, from + i * size, little);
  };
}

/** IEEE 754 binary16 to the binary32 pattern of the same value. */
function halfBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction === 0 ? 0 : 0x400000 | (fraction << 13));
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/**
 * Beyond 2^53 a double cannot hold every int64, and rounding to double and then to float32 would round twice:
 * there the low bits are folded into the last one kept (round to odd), so that the one rounding left is right.
 */
function int64(bytes: DataView, at: number, little: boolean): number {
  const high = bytes.getInt32(at + (little ? 4 : 0), little);
  const low = bytes.getUint32(at + (little ? 0 : 4), little);
  const value = high * 2 ** 32 + low;
  if (Number.isSafeInteger(value)) return value;
  const whole = bytes.getBigInt64(at, little);
  return whole < 0n ? -roundedToOdd(-whole) : roundedToOdd(whole);
}

function uint64(bytes: DataView, at: number, little: boolean): number {
  const high = bytes.getUint32(at + (little ? 4 : 0), little);
  const value = high * 2 ** 32 + bytes.getUint32(at + (little ? 0 : 4), little);
  return Number.isSafeInteger(value) ? value : roundedToOdd(bytes.getBigUint64(at, little));
}

function roundedToOdd(magnitude: bigint): number {
  return Number((magnitude >> 11n) | ((magnitude & 0x7ffn) === 0n ? 0n : 1n)) * 2 ** 11;
}
