/**
 * Pillow's `Image.resize` with any of its filters, to the bit: what classifiers are evaluated with. When
 * shrinking, the filter is stretched by the scale, so that every source pixel counts. Two passes, along rows and along
 * columns, with weights of 22 bits and a rounding to 8 bits after each: the order of the passes shows in the result.
 */
import type { RgbImage, Size } from '../core/frame.js';
import { checkSize } from './resize_bilinear.js';

export type AntialiasedFilter = 'bilinear' | 'bicubic' | 'box' | 'hamming' | 'lanczos';

/** A filter as a function of the distance in pixels, and the distance from which on it is 0. */
interface Kernel {
  readonly support: number;
  readonly at: (distance: number) => number;
}

const KERNELS: Readonly<Record<AntialiasedFilter, Kernel>> = {
  bilinear: { support: 1, at: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  /** Keys' cubic convolution (1981) with a = -0.5. */
  bicubic: {
    support: 2,
    at: (distance) => {
      const a = -0.5;
      const x = Math.abs(distance);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
  box: { support: 0.5, at: (distance) => (distance > -0.5 && distance <= 0.5 ? 1 : 0) },
  /** A sinc of one lobe in a Hamming window. */
  hamming: {
    support: 1,
    at: (distance) => {
      const x = Math.abs(distance) * Math.PI;
      if (x === 0) return 1;
      return x < Math.PI ? (Math.sin(x) / x) * (0.54 + 0.46 * Math.cos(x)) : 0;
    },
  },
  /** A sinc of three lobes in the first lobe of another. */
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  const angle = x * Math.PI;
  return x === 0 ? 1 : Math.sin(angle) / angle;
}

const WEIGHT_BITS = 22;
const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * @param image 8-bit, interleaved; each channel for itself.
 * @param size of the result; the aspect ratio is free.
 * @returns a new picture, or `image` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both pictures have at least one pixel.
 */
export function resizeAntialiased(image: RgbImage, size: Size, filter: AntialiasedFilter): RgbImage {
  checkSize('resizeAntialiased', 'picture', image);
  checkSize('resizeAntialiased', 'size', size);
  const { width, height } = size;
  const acrossFirst = !columnsFirst(image, size);
  const across = width === image.width ? undefined : sourceWindows(image.width, width, KERNELS[filter]);
  const down = height === image.height ? undefined : sourceWindows(image.height, height, KERNELS[filter]);
  const half = acrossFirst ? resizeRows(image, across) : resizeColumns(image, down);
  return acrossFirst ? resizeColumns(half, down) : resizeRows(half, across);
}

/** Rows first, but where the height loses more than twice as many pixels as the width (Pillow 13 on; before it, always). */
function columnsFirst(from: Size, to: Size): boolean {
  const lost = from.height - to.height;
  return lost > 0 && lost > 2 * (from.width - to.width);
}

/** For each position of the result: which source positions count, and how much. */
interface Windows {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `length` weights a position, of which the first `count` are used, in parts of `1 << WEIGHT_BITS`. */
  readonly weights: Int32Array;
  readonly length: number;
}

function sourceWindows(from: number, to: number, kernel: Kernel): Windows {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const support = kernel.support * stretch;
  const length = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * length);
  const exact = new Float64Array(length);
  // Pillow multiplies by the inverse; dividing would round otherwise.
  const inverse = 1 / stretch;
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const used = Math.min(from, Math.trunc(centre + support + 0.5)) - start;
    let sum = 0;
    for (let j = 0; j < used; j++) {
      const weight = kernel.at((j + start - centre + 0.5) * inverse);
      exact[j] = weight;
      sum += weight;
    }
    first[i] = start;
    count[i] = used;
    for (let j = 0; j < used; j++) {
      const weight = (exact[j] ?? 0) / (sum === 0 ? 1 : sum);
      weights[i * length + j] = Math.trunc(weight * (1 << WEIGHT_BITS) + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return { first, count, weights, length };
}

function resizeRows(image: RgbImage, windows: Windows | undefined): RgbImage {
  if (windows === undefined) return image;
  const { data, width, height } = image;
  const { first, count, weights, length } = windows;
  const outWidth = first.length;
  const out = new Uint8Array(outWidth * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++, at += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * width + (first[x] ?? 0)) * 3;
      const start = x * length;
      const end = start + (count[x] ?? 0);
      for (let k = start; k < end; k++, from += 3) {
        const weight = weights[k] ?? 0;
        red += (data[from] ?? 0) * weight;
        green += (data[from + 1] ?? 0) * weight;
        blue += (data[from + 2] ?? 0) * weight;
      }
      out[at] = clamp(red >> WEIGHT_BITS);
      out[at + 1] = clamp(green >> WEIGHT_BITS);
      out[at + 2] = clamp(blue >> WEIGHT_BITS);
    }
  }
  return { width: outWidth, height, data: out };
}

/** Whole rows of the source into sums, so that memory is read in order. */
function resizeColumns(image: RgbImage, windows: Windows | undefined): RgbImage {
  if (windows === undefined) return image;
  const { data, width } = image;
  const { first, count, weights, length } = windows;
  const outHeight = first.length;
  const stride = width * 3;
  const out = new Uint8Array(stride * outHeight);
  const sums = new Int32Array(stride);
  for (let y = 0; y < outHeight; y++) {
    sums.fill(HALF);
    const used = count[y] ?? 0;
    for (let k = 0; k < used; k++) {
      const weight = weights[y * length + k] ?? 0;
      const from = ((first[y] ?? 0) + k) * stride;
      for (let i = 0; i < stride; i++) sums[i] = (sums[i] ?? 0) + (data[from + i] ?? 0) * weight;
    }
    const at = y * stride;
    for (let i = 0; i < stride; i++) out[at + i] = clamp((sums[i] ?? 0) >> WEIGHT_BITS);
  }
  return { width, height: outHeight, data: out };
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
