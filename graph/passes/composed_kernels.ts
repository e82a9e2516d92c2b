/** Weights of convolutions that do the work of two linear operations, in `into` (of just their length) where given. Sums in float64. */
import type { Tensor } from '../../core/tensor.js';

/** A convolution after one of kernel 1: [out, mid, k, k] and [mid, in, 1, 1] -> [out, in, k, k]. */
export function pointwiseKernel(weight: Tensor, pointwise: Tensor, into?: Float32Array): Float32Array {
  const [out = 0, mid = 0, kernel = 0] = weight.shape;
  const inputs = pointwise.shape[1] ?? 0;
  const area = kernel * kernel;
  const result = into ?? new Float32Array(out * inputs * area);
  const sums = new Float64Array(inputs * area);
  for (let o = 0; o < out; o++) {
    sums.fill(0);
    for (let m = 0; m < mid; m++) {
      const taps = (o * mid + m) * area;
      for (let i = 0; i < inputs; i++) {
        const factor = pointwise.data[m * inputs + i] ?? 0;
        for (let k = 0; k < area; k++)
          sums[i * area + k] = (sums[i * area + k] ?? 0) + factor * (weight.data[taps + k] ?? 0);
      }
    }
    result.set(sums, o * inputs * area);
  }
  return result;
}

/**
 * A convolution of odd kernel that keeps the size, after an enlargement to the nearest pixel by a factor f, as a transposed
 * convolution of stride f: [out, in, k, k] -> [in, out, k + f - 1, k + f - 1]. Each pixel goes to a square of f x f, and each
 * of these to the pixels around it.
 */
export function enlargedKernel({ shape, data }: Tensor, factor: number, into?: Float32Array): Float32Array {
  const [out = 0, inputs = 0, kernel = 0] = shape;
  const size = kernel + factor - 1;
  const result = into ?? new Float32Array(inputs * out * size * size);
  const sums = new Float64Array(size * size);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < out; o++) {
      sums.fill(0);
      const from = (o * inputs + i) * kernel * kernel;
      for (let row = 0; row < kernel; row++) {
        for (let column = 0; column < kernel; column++) {
          const value = data[from + row * kernel + column] ?? 0;
          for (let y = kernel - 1 - row; y < size - row; y++) {
            for (let x = kernel - 1 - column; x < size - column; x++) {
              sums[y * size + x] = (sums[y * size + x] ?? 0) + value;
            }
          }
        }
      }
      result.set(sums, (i * out + o) * size * size);
    }
  }
  return result;
}
