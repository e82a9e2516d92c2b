/** Two convolutions of kernel 3 as one of kernel 5. Sums in float64. */
import type { Tensor } from '../../core/tensor.js';

/** Values of a polynomial of degree 2 at 0, 1, -1, 2 and infinity, and the coefficients of one of degree 4 by its values there. */
const VALUES = [
  [1, 0, 0],
  [1, 1, 1],
  [1, -1, 1],
  [1, 2, 4],
  [0, 0, 1],
] as const;
const COEFFICIENTS = [
  [1, 0, 0, 0, 0],
  [-1 / 2, 1, -1 / 3, -1 / 6, 2],
  [-1, 1 / 2, 1 / 2, 0, -1],
  [1 / 2, -1 / 2, -1 / 6, 1 / 6, -2],
  [0, 0, 0, 0, 1],
] as const;
type Matrix = readonly (readonly number[])[];

/** One number of every kernel: the first taps of all, the second taps of all … */
type Planes = readonly Float64Array[];

/**
 * A convolution after another: [out, mid, 3, 3] and [mid, in, 3, 3] -> [out, in, 5, 5]. A product of two polynomials of degree 2
 * in each direction, by their values at five points (Toom and Cook): 25 products of matrices instead of 81.
 */
export function pairKernel(second: Tensor, first: Tensor): Float32Array {
  const [out = 0, middle = 0] = second.shape;
  const inputs = first.shape[1] ?? 0;
  const [left, right] = [bothWays(VALUES, planesOf(second)), bothWays(VALUES, planesOf(first))];
  const sizes = { out, middle, inputs };
  const values = left.map((plane, i) => product(plane, right[i] ?? plane, sizes));
  const planes = bothWays(COEFFICIENTS, values);
  const result = new Float32Array(out * inputs * planes.length);
  planes.forEach((plane, at) => {
    for (let i = 0; i < plane.length; i++) result[i * planes.length + at] = plane[i] ?? 0;
  });
  return result;
}

/** The bias of two convolutions as one: what the first one's gives, where no padding is, and the second one's. */
export function pairBias({ shape, data }: Tensor, first: Tensor | undefined, second: Tensor | undefined): Float32Array {
  const [out = 0, middle = 0] = shape;
  const area = data.length / (out * middle);
  return Float32Array.from({ length: out }, (_, o) => {
    let sum = second?.data[o] ?? 0;
    for (let m = 0; m < middle; m++) {
      for (let k = 0; k < area; k++) sum += (data[(o * middle + m) * area + k] ?? 0) * (first?.data[m] ?? 0);
    }
    return sum;
  });
}

function planesOf({ shape, data }: Tensor): Planes {
  const [outer = 0, inner = 0, height = 0, width = 0] = shape;
  const area = height * width;
  return Array.from({ length: area }, (_, at) =>
    Float64Array.from({ length: outer * inner }, (__, i) => data[i * area + at] ?? 0),
  );
}

/** A matrix by each square of numbers by the matrix turned. */
function bothWays(matrix: Matrix, squares: Planes): Planes {
  const side = matrix[0]?.length ?? 0;
  const rows = matrix.flatMap((factors) =>
    Array.from({ length: side }, (_, x) =>
      combined(
        factors,
        factors.map((__, y) => squares[y * side + x]),
      ),
    ),
  );
  return matrix.flatMap((_, y) => matrix.map((factors) => combined(factors, rows.slice(y * side, (y + 1) * side))));
}

function combined(factors: readonly number[], planes: readonly (Float64Array | undefined)[]): Float64Array {
  const sums = new Float64Array(planes[0]?.length ?? 0);
  factors.forEach((factor, at) => {
    const plane = planes[at];
    if (factor === 0 || plane === undefined) return;
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + factor * (plane[i] ?? 0);
  });
  return sums;
}

interface Sizes {
  readonly out: number;
  readonly middle: number;
  readonly inputs: number;
}

/** [out, mid] by [mid, in]. Four rows at a time, so that a sum is read and written for every fourth product alone. */
function product(left: Float64Array, right: Float64Array, { out, middle, inputs }: Sizes): Float64Array {
  const result = new Float64Array(out * inputs);
  const none = new Float64Array(inputs);
  const rows = Array.from({ length: middle }, (_, m) => right.subarray(m * inputs, (m + 1) * inputs));
  for (let m = 0; m < middle; m += 4) {
    const [a = none, b = none, c = none, d = none] = rows.slice(m, m + 4);
    for (let o = 0; o < out; o++) {
      // Past the last row the factors are another row's, of zeros.
      const from = o * middle + m;
      const [p, q, r, s] = [left[from] ?? 0, left[from + 1] ?? 0, left[from + 2] ?? 0, left[from + 3] ?? 0];
      const to = o * inputs;
      for (let i = 0; i < inputs; i++) {
        const sum = p * (a[i] ?? 0) + q * (b[i] ?? 0) + (r * (c[i] ?? 0) + s * (d[i] ?? 0));
        result[to + i] = (result[to + i] ?? 0) + sum;
      }
    }
  }
  return result;
}
