/**
 * Pictures as torchvision's detectors get them (`GeneralizedRCNNTransform`): 0 to 1, normalised, then resized in float32 by
 * PyTorch's bilinear `interpolate`, without smoothing. To the last bits: positions are one fused multiply-add.
 */
import type { RgbImage, Size } from '../core/frame.js';
import type { NormalisedImage } from './pixels.js';
import { checkSize } from './resize_bilinear.js';

const f32 = Math.fround;

/** Of pictures from 0 to 1, RGB. */
export interface UnitNormalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * As large as fits: the short edge `shortest`, unless the long one would pass `longest`. The ratio is PyTorch's in float32,
 * a reciprocal and a product, and sides are rounded down: now and then one is a pixel less than asked for.
 */
export function fittedSize({ width, height }: Size, shortest: number, longest: number): Size {
  const ratio = (wanted: number, side: number) => f32(f32(1 / side) * wanted);
  const scale = Math.min(ratio(shortest, Math.min(width, height)), ratio(longest, Math.max(width, height)));
  return { width: Math.floor(f32(width * scale)), height: Math.floor(f32(height * scale)) };
}

/**
 * @param size of the result, 1 pixel or more each way.
 * @returns a new picture, RGB.
 * @throws {LowformerError} `invalid-argument` unless both have at least one pixel.
 */
export function normaliseAndResize(image: RgbImage, size: Size, normalisation: UnitNormalisation): NormalisedImage {
  checkSize('normaliseAndResize', 'picture', image);
  checkSize('normaliseAndResize', 'size', size);
  const { width, height } = size;
  const columns = tapsOf(image.width, width);
  const rows = tapsOf(image.height, height);
  const tables = [0, 1, 2].map((channel) => valuesOf(channel, normalisation));
  const data = new Float32Array(width * height * 3);
  tables.forEach((table, channel) => {
    // Two source rows at the new width; going down, each is made once.
    let [upper, lower] = [new Float32Array(width), new Float32Array(width)];
    let [upperRow, lowerRow] = [-1, -1];
    for (let y = 0; y < height; y++) {
      const [first, second] = [rows.first[y] ?? 0, rows.second[y] ?? 0];
      if (first === lowerRow) {
        [upper, lower] = [lower, upper];
        [upperRow, lowerRow] = [lowerRow, upperRow];
      }
      if (first !== upperRow) stretchRow(image, first, channel, table, columns, upper);
      if (second !== lowerRow) stretchRow(image, second, channel, table, columns, lower);
      [upperRow, lowerRow] = [first, second];
      const [share, rest] = [rows.share[y] ?? 0, rows.rest[y] ?? 0];
      for (let x = 0, at = y * width * 3 + channel; x < width; x++, at += 3) {
        data[at] = f32((upper[x] ?? 0) * rest) + f32((lower[x] ?? 0) * share);
      }
    }
  });
  return { width, height, data, order: 'rgb' };
}

/** What each of the 256 values becomes. */
function valuesOf(channel: number, { mean, std }: UnitNormalisation): Float32Array {
  const [subtracted, divisor] = [f32(mean[channel] ?? 0), f32(std[channel] ?? 1)];
  return Float32Array.from({ length: 256 }, (_, value) => f32(f32(value / 255) - subtracted) / divisor);
}

/** For each position of an axis, the two that it lies between, and how much it has of each. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Of the first. */
  readonly rest: Float32Array;
  /** Of the second. */
  readonly share: Float32Array;
}

function tapsOf(from: number, to: number): Taps {
  const scale = f32(f32(from) / f32(to));
  const taps = {
    first: new Int32Array(to),
    second: new Int32Array(to),
    rest: new Float32Array(to),
    share: new Float32Array(to),
  };
  for (let i = 0; i < to; i++) {
    // The product is exact in float64, so that it is rounded once.
    const position = Math.max(0, f32(scale * (i + 0.5) - 0.5));
    const first = Math.min(Math.floor(position), from - 1);
    const share = Math.min(f32(position - first), 1);
    taps.first[i] = first;
    taps.second[i] = Math.min(first + 1, from - 1);
    taps.share[i] = share;
    taps.rest[i] = 1 - share;
  }
  return taps;
}

/** One row of one channel at the new width. */
function stretchRow(
  { data, width }: RgbImage,
  row: number,
  channel: number,
  table: Float32Array,
  { first, second, rest, share }: Taps,
  into: Float32Array,
): void {
  const start = row * width * 3 + channel;
  for (let x = 0; x < into.length; x++) {
    const left = table[data[start + (first[x] ?? 0) * 3] ?? 0] ?? 0;
    const right = table[data[start + (second[x] ?? 0) * 3] ?? 0] ?? 0;
    into[x] = f32(left * (rest[x] ?? 0)) + f32(right * (share[x] ?? 0));
  }
}
