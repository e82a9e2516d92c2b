/** Numbers as bytes: which byte stands for which number. */
import type { Shape, Tensor } from '../../core/tensor.js';

/** The least and the largest number that a tensor's bytes are to stand for. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Bytes 0 to 255 that stand for `(byte - zeroPoint) * scale`, one scale for the whole tensor. */
export interface ActivationCode {
  /** A float32, greater than 0. */
  readonly scale: number;
  /** The byte that stands for 0, from 0 to 255. */
  readonly zeroPoint: number;
}

/** Signed bytes that stand for `value * scale`, each output channel with a scale of its own. */
export interface WeightCode {
  /** [out, …], as of the weight. */
  readonly shape: Shape;
  readonly values: Int8Array;
  /** One an output channel. */
  readonly scales: Float32Array;
}

/** How many bits of a weight's byte are used: with 7, a sum of two products of u8 and s8 fits in 16 bits. */
export type WeightBits = 7 | 8;

/**
 * The bytes for a range, which is widened to have 0 in it, so that padding and ReLU's zeros are exact: scale
 * (max - min) / 255, as ONNX Runtime's own quantization takes it.
 */
export function activationCode({ min, max }: Range): ActivationCode {
  const [low, high] = [Math.min(0, min), Math.max(0, max)];
  const scale = Math.fround((high - low) / 255);
  // All zeros, or so little that float32 has no such step.
  if (!(scale >= LEAST_SCALE)) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(255, Math.max(0, roundToEven(-low / scale))) };
}

/** The least normal float32: smaller ones are slow, and rounded. */
export const LEAST_SCALE = 2 ** -126;

/** The largest value of a weight's byte: 64, so that 255 * 64 * 2 < 2 ** 15, or 127. */
export function largestWeight(bits: WeightBits): number {
  return bits === 7 ? 64 : 127;
}

/**
 * Symmetric codes of a weight whose first axis is the output channel.
 * @param leastScales what each channel's scale must be at least: below it, the bias would leave 32 bits.
 */
export function weightCode(
  { shape, data: weight }: Tensor,
  bits: WeightBits,
  leastScales: ArrayLike<number> = [],
): WeightCode {
  const channels = shape[0] ?? 1;
  const size = weight.length / channels;
  const most = largestWeight(bits);
  const values = new Int8Array(weight.length);
  const scales = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const own = weight.subarray(channel * size, (channel + 1) * size);
    const largest = own.reduce((so, value) => Math.max(so, Math.abs(value)), 0);
    const scale = Math.fround(Math.max(largest / most, leastScales[channel] ?? 0));
    scales[channel] = scale >= LEAST_SCALE ? scale : 1;
    const divisor = scales[channel] ?? 1;
    for (const [i, value] of own.entries()) {
      values[channel * size + i] = Math.min(most, Math.max(-most, roundToEven(value / divisor)));
    }
  }
  return { shape, values, scales };
}

/** The weight that codes stand for. */
export function decodedWeight({ values, scales }: WeightCode): Float32Array {
  const size = values.length / scales.length;
  return Float32Array.from(values, (value, i) => value * (scales[Math.floor(i / size)] ?? 0));
}

/** To the nearest whole number, halves to the even one, as ONNX's QuantizeLinear. */
export function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
