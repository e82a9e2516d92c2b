/**
 * OpenCV 4's `resize(INTER_AREA)` of 8-bit pictures, to the bit: made smaller, each pixel is the mean of those that it
 * covers, by the shares that it covers of them; made larger in either direction, it is bilinear between other places.
 */
import type { RgbImage, Size } from '../core/frame.js';
import { roundHalfEven } from '../core/round_half_even.js';
import { checkSize, interpolate, type LinearPosition, resizeBilinear } from './resize_bilinear.js';

const f32 = Math.fround;

/**
 * @param size of the result, 1 pixel or more each way; the aspect ratio is free.
 * @returns a new picture, or `image` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both pictures have at least one pixel.
 */
export function resizeArea(image: RgbImage, size: Size): RgbImage {
  checkSize('resizeArea', 'picture', image);
  checkSize('resizeArea', 'size', size);
  const { width, height } = size;
  if (width === image.width && height === image.height) return image;
  const data = new Uint8Array(width * height * 3);
  if (width > image.width || height > image.height) interpolate(image, size, data, betweenEdges);
  else if (image.width % width !== 0 || image.height % height !== 0) shrink(image, size, data);
  // Means of 2x2 pixels, as OpenCV's bilinear resize takes them, too.
  else if (image.width === 2 * width && image.height === 2 * height) return resizeBilinear(image, size);
  else shrinkWhole(image, size, data);
  return { width, height, data };
}

/** The next pixel's share is how far the position's right edge reaches into it. */
const betweenEdges: LinearPosition = (i, from, to) => {
  const index = Math.floor(i * (1 / (to / from)));
  const share = f32(i + 1 - (index + 1) * (to / from));
  return [index, share <= 0 ? 0 : f32(share - Math.floor(share))];
};

/** Where every pixel covers as many whole ones: their sum, times the float32 inverse of their number. */
function shrinkWhole({ data, ...from }: RgbImage, { width, height }: Size, into: Uint8Array): void {
  const [across, down] = [from.width / width, from.height / height];
  const scale = f32(1 / (across * down));
  const stride = from.width * 3;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++, at++) {
        const first = y * down * stride + x * across * 3 + c;
        let sum = 0;
        for (let row = first; row < first + down * stride; row += stride) {
          for (let i = row; i < row + across * 3; i += 3) sum += data[i] ?? 0;
        }
        into[at] = roundHalfEven(f32(sum * scale));
      }
    }
  }
}

/** A share of a source position in a position of the result; ascending in both. */
interface Share {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** OpenCV's `computeResizeAreaTab`. */
function shares(from: number, to: number): readonly Share[] {
  const scale = 1 / (to / from);
  const result: Share[] = [];
  for (let i = 0; i < to; i++) {
    const [start, end] = [i * scale, i * scale + scale];
    const cell = Math.min(scale, from - start);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(start), last);
    if (first - start > 1e-3) result.push({ from: first - 1, to: i, weight: f32((first - start) / cell) });
    for (let at = first; at < last; at++) result.push({ from: at, to: i, weight: f32(1 / cell) });
    if (end - last > 1e-3) {
      result.push({ from: last, to: i, weight: f32(Math.min(Math.min(end - last, 1), cell) / cell) });
    }
  }
  return result;
}

/** Sums in float32, in OpenCV's order: along a source row, then row by row. */
function shrink({ data, ...from }: RgbImage, { width, height }: Size, into: Uint8Array): void {
  const columns = shares(from.width, width);
  const stride = width * 3;
  const row = new Float32Array(stride);
  const sums = new Float32Array(stride);
  let current = 0;
  const store = (y: number): void => {
    for (let i = 0; i < stride; i++) into[y * stride + i] = roundHalfEven(Math.min(255, sums[i] ?? 0));
    sums.fill(0);
  };
  for (const { from: sourceRow, to: y, weight } of shares(from.height, height)) {
    if (y !== current) {
      store(current);
      current = y;
    }
    row.fill(0);
    for (const share of columns) {
      const [source, target] = [(sourceRow * from.width + share.from) * 3, share.to * 3];
      for (let c = 0; c < 3; c++)
        row[target + c] = (row[target + c] ?? 0) + f32((data[source + c] ?? 0) * share.weight);
    }
    for (let i = 0; i < stride; i++) sums[i] = (sums[i] ?? 0) + f32((row[i] ?? 0) * weight);
  }
  store(current);
}
