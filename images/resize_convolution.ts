/**
 * OpenCV 4's `resize` of 8-bit pictures by a kernel of four or eight source pixels each way: `INTER_CUBIC` and
 * `INTER_LANCZOS4`. There is no smoothing when shrinking, and beyond the border the outermost pixel is taken again.
 */
import type { RgbImage, Size } from '../core/frame.js';
import { roundHalfEven } from '../core/round_half_even.js';
import { checkSize } from './resize_bilinear.js';

const f32 = Math.fround;

export type ConvolutionKernel = 'bicubic' | 'lanczos';

interface Kernel {
  /** Source pixels of a position each way. */
  readonly taps: number;
  /** Where a position lies in the source, from the centre of its first pixel. */
  readonly place: (i: number, from: number, to: number) => number;
  /** Weights of the pixels of a position that lies `share` behind the middle one, times `one`. */
  readonly weights: (share: number) => readonly number[];
  readonly one: number;
  /** The nearest integer. */
  readonly round: (value: number) => number;
}

const KERNELS: Readonly<Record<ConvolutionKernel, Kernel>> = {
  /** As Intel's primitives in OpenCV's own builds for x86: in floating point. */
  bicubic: {
    taps: 4,
    place: (i, from, to) => (i + 0.5) * (from / to) - 0.5,
    weights: cubicWeights,
    one: 1,
    round: roundHalfEven,
  },
  /** In whole numbers. */
  lanczos: {
    taps: 8,
    place: (i, from, to) => f32((i + 0.5) * (1 / (to / from)) - 0.5),
    weights: (share) => Array.from(lanczosWeights(share), (weight) => roundHalfEven(f32(weight * 2048))),
    one: 2048,
    round: (value) => Math.floor(value + 0.5),
  },
};

/**
 * Lanczos to the bit; bicubic but for values within 4e-5 of a half, which may be rounded the other way (17 of 2.5 million
 * in noise), and for pictures of less than four pixels in a direction, which OpenCV gives to other code: there a value may
 * be one less or more.
 * @param size of the result, 1 pixel or more each way; the aspect ratio is free.
 * @returns a new picture, or `image` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both pictures have at least one pixel.
 */
export function resizeConvolution(image: RgbImage, size: Size, name: ConvolutionKernel): RgbImage {
  checkSize('resizeConvolution', 'picture', image);
  checkSize('resizeConvolution', 'size', size);
  const { width, height } = size;
  if (width === image.width && height === image.height) return image;
  const kernel = KERNELS[name];
  const { taps } = kernel;
  const columns = tapsOf(image.width, width, kernel);
  const rows = tapsOf(image.height, height, kernel);
  const data = new Uint8Array(width * height * 3);
  const sums = new Float64Array(width * 3);
  const stretched = new Map<number, Float64Array>();
  for (let y = 0; y < height; y++) {
    const first = rows.index[y * taps] ?? 0;
    // Going down, each source row is stretched once.
    for (const row of stretched.keys()) if (row < first) stretched.delete(row);
    sums.fill(0);
    for (let k = y * taps; k < (y + 1) * taps; k++) {
      const row = rows.index[k] ?? 0;
      const line = stretched.get(row) ?? stretchRow(image, row, columns, taps);
      stretched.set(row, line);
      const weight = rows.weight[k] ?? 0;
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (line[i] ?? 0) * weight;
    }
    const scale = 1 / (kernel.one * kernel.one);
    for (let i = 0, at = y * width * 3; i < sums.length; i++, at++) {
      data[at] = Math.max(0, Math.min(255, kernel.round((sums[i] ?? 0) * scale)));
    }
  }
  return { width, height, data };
}

/** For each position `taps` source positions, ascending, and their weights. */
interface Taps {
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

function tapsOf(from: number, to: number, { taps, place, weights }: Kernel): Taps {
  const index = new Int32Array(to * taps);
  const weight = new Float64Array(to * taps);
  for (let i = 0; i < to; i++) {
    const position = place(i, from, to);
    const floor = Math.floor(position);
    weights(position - floor).forEach((value, k) => {
      index[i * taps + k] = Math.min(Math.max(floor + k - taps / 2 + 1, 0), from - 1);
      weight[i * taps + k] = value;
    });
  }
  return { index, weight };
}

/** Keys' cubic convolution (1981) with a = -0.75. */
function cubicWeights(x: number): readonly number[] {
  const a = -0.75;
  const inner = (at: number) => ((a + 2) * at - (a + 3)) * at * at + 1;
  const first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  const [second, third] = [inner(x), inner(1 - x)];
  return [first, second, third, 1 - first - second - third];
}

/** A sinc of four lobes in the first lobe of another, as OpenCV's `interpolateLanczos4`: one sine and one cosine for all. */
function lanczosWeights(x: number): Float32Array {
  const half = Math.SQRT1_2;
  const turns = [
    [1, 0],
    [-half, -half],
    [0, 1],
    [half, -half],
    [-1, 0],
    [half, half],
    [0, -1],
    [-half, half],
  ] as const;
  const start = -f32(x + 3) * Math.PI * 0.25;
  const [sine, cosine] = [Math.sin(start), Math.cos(start)];
  const weights = new Float32Array(8);
  let sum = 0;
  turns.forEach(([ofSine, ofCosine], i) => {
    const distance = f32(f32(x + 3) - i);
    const y = -distance * Math.PI * 0.25;
    // On the pixel itself the quotient is 0 / 0, and the pixel all that counts.
    weights[i] = Math.abs(distance) >= f32(1e-6) ? (ofSine * sine + ofCosine * cosine) / (y * y) : 1e30;
    sum = f32(sum + (weights[i] ?? 0));
  });
  const inverse = f32(1 / sum);
  return weights.map((weight) => weight * inverse);
}

/** One row at the new width. */
function stretchRow({ data, width }: RgbImage, row: number, { index, weight }: Taps, taps: number): Float64Array {
  const line = new Float64Array((index.length / taps) * 3);
  const start = row * width * 3;
  for (let x = 0, at = 0; x < index.length; x += taps, at += 3) {
    let [a, b, c] = [0, 0, 0];
    for (let k = x; k < x + taps; k++) {
      const from = start + (index[k] ?? 0) * 3;
      const share = weight[k] ?? 0;
      a += (data[from] ?? 0) * share;
      b += (data[from + 1] ?? 0) * share;
      c += (data[from + 2] ?? 0) * share;
    }
    line[at] = a;
    line[at + 1] = b;
    line[at + 2] = c;
  }
  return line;
}
