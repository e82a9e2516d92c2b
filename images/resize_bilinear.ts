/**
 * OpenCV 4's `resize(INTER_LINEAR)` of 8-bit pictures, to the bit. Networks were trained on what it gives, and it differs
 * from other bilinear resizes: weights have 11 bits, there is no smoothing when shrinking, and exactly half the size in
 * both directions is a mean of 2x2 pixels instead (`INTER_AREA`, which OpenCV chooses by itself there).
 */
import { MOST_PIXELS } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size, Span } from '../core/frame.js';
import { roundHalfEven } from '../core/round_half_even.js';

const f32 = Math.fround;
/** Weights are integers of this many parts. */
const ONE = 2048;

/**
 * @param image 8-bit, interleaved; any channel order, each channel for itself.
 * @param size of the result, 1 pixel or more each way; the aspect ratio is free.
 * @returns a new picture, or `image` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both pictures have at least one pixel.
 */
export function resizeBilinear(image: RgbImage, size: Size): RgbImage {
  checkSize('resizeBilinear', 'picture', image);
  checkSize('resizeBilinear', 'size', size);
  const { width, height } = size;
  if (width === image.width && height === image.height) return image;
  const data = new Uint8Array(width * height * 3);
  if (width * 2 === image.width && height * 2 === image.height) halve(image, data);
  else interpolate(image, size, data);
  return { width, height, data };
}

/** @throws {LowformerError} `invalid-argument` unless width and height are positive integers. */
export function checkSize(where: string, name: string, { width, height }: Size): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return;
  const expected = `a ${name} of at least 1x1 pixels`;
  throw new LowformerError({ code: 'invalid-argument', where, expected, received: `${width}x${height}` });
}

/** @throws {LowformerError} `invalid-argument` for more pixels than are resized, padded or given to a network. */
export function checkPixels(where: string, { width, height }: Size): void {
  if (width * height <= MOST_PIXELS) return;
  const expected = `a picture of at most ${MOST_PIXELS} pixels`;
  throw new LowformerError({ code: 'invalid-argument', where, expected, received: `${width}x${height}` });
}

/** Source positions along one axis: index of the earlier neighbour and the weights of both, in parts of `ONE`. */
interface LinearTaps {
  readonly index: Int32Array;
  readonly weight: Int32Array;
  readonly nextWeight: Int32Array;
}

/** Where a position lies in the source: the neighbour before it, and the share of the one after. */
export type LinearPosition = (i: number, from: number, to: number) => readonly [index: number, share: number];

/** Pixel centres in OpenCV's arithmetic: the inverse of the inverse scale in float64, the position itself in float32. */
const betweenCentres: LinearPosition = (i, from, to) => {
  const position = f32((i + 0.5) * (1 / (to / from)) - 0.5);
  const floor = Math.floor(position);
  return [floor, f32(position - floor)];
};

function taps(from: number, to: number, positionOf: LinearPosition): LinearTaps {
  const index = new Int32Array(to);
  const weight = new Int32Array(to);
  const nextWeight = new Int32Array(to);
  for (let i = 0; i < to; i++) {
    const [floor, share] = positionOf(i, from, to);
    index[i] = floor;
    weight[i] = roundHalfEven(f32(f32(1 - share) * ONE));
    nextWeight[i] = roundHalfEven(f32(share * ONE));
  }
  return { index, weight, nextWeight };
}

/** Beyond the border: horizontally all weight goes to the outermost column, vertically the weights stay as they are. */
function horizontalTaps(from: number, to: number, positionOf: LinearPosition): LinearTaps {
  const result = taps(from, to, positionOf);
  const { index, weight, nextWeight } = result;
  for (let i = 0; i < to; i++) {
    const at = index[i] ?? 0;
    if (at >= 0 && at < from - 1) continue;
    index[i] = at < 0 ? 0 : from - 1;
    weight[i] = ONE;
    nextWeight[i] = 0;
  }
  return result;
}

/** @param into `width * height * 3` bytes. */
export function interpolate(
  image: RgbImage,
  size: Size,
  into: Uint8Array,
  positionOf: LinearPosition = betweenCentres,
): void {
  const axes = linearAxes(image, size, positionOf);
  interpolateRows({ image, top: 0 }, axes, { start: 0, end: size.height }, into);
}

/** The positions of a whole resize, for rows of it. */
export interface LinearAxes {
  /** Of the result. */
  readonly size: Size;
  /** The upper of the two source rows of each row of the result; the other is the next one, as far as there is one. */
  readonly upperRows: Int32Array;
  readonly columns: LinearTaps;
  readonly rows: LinearTaps;
  /** The last row of the source. */
  readonly last: number;
}

/** Undefined where OpenCV's resize is no interpolation between two rows: at exactly half the size. */
export function bilinearAxes(from: Size, size: Size): LinearAxes | undefined {
  const halved = size.width * 2 === from.width && size.height * 2 === from.height;
  return halved ? undefined : linearAxes(from, size, betweenCentres);
}

function linearAxes(from: Size, size: Size, positionOf: LinearPosition): LinearAxes {
  const columns = horizontalTaps(from.width, size.width, positionOf);
  const rows = taps(from.height, size.height, positionOf);
  const last = from.height - 1;
  return { size, upperRows: rows.index.map((row) => Math.min(Math.max(row, 0), last)), columns, rows, last };
}

/**
 * Some rows of a resize.
 * @param part of the source, from row `top` on, as wide as it: both source rows of each of `span` lie in it.
 * @param into the whole result, `width * height * 3` bytes.
 */
export function interpolateRows(
  { image, top }: { readonly image: RgbImage; readonly top: number },
  { size: { width }, columns, rows, last }: LinearAxes,
  span: Span,
  into: Uint8Array,
): void {
  // The two source rows in use, already stretched to the new width; going down, each is made once.
  let above = new Int32Array(width * 3);
  let below = new Int32Array(width * 3);
  let aboveRow = -1;
  let belowRow = -1;
  for (let y = span.start; y < span.end; y++) {
    const row = rows.index[y] ?? 0;
    const first = Math.min(Math.max(row, 0), last);
    const second = Math.min(Math.max(row + 1, 0), last);
    if (first === belowRow) {
      [above, below] = [below, above];
      [aboveRow, belowRow] = [belowRow, aboveRow];
    }
    if (first !== aboveRow) stretchRow(image, first - top, columns, above);
    if (second !== belowRow) stretchRow(image, second - top, columns, below);
    aboveRow = first;
    belowRow = second;
    blendRows(above, below, rows.weight[y] ?? 0, rows.nextWeight[y] ?? 0, into, y * width * 3);
  }
}

/** One row at the new width: pixel values times `ONE`. */
function stretchRow({ data, width }: RgbImage, row: number, columns: LinearTaps, into: Int32Array): void {
  const { index, weight, nextWeight } = columns;
  const start = row * width * 3;
  // Where the second weight is 0, the position to the right may lie outside the row: it is read from the same column.
  for (let x = 0, at = 0; x < index.length; x++, at += 3) {
    const share = nextWeight[x] ?? 0;
    const kept = weight[x] ?? 0;
    const left = start + (index[x] ?? 0) * 3;
    const right = share === 0 ? left : left + 3;
    into[at] = (data[left] ?? 0) * kept + (data[right] ?? 0) * share;
    into[at + 1] = (data[left + 1] ?? 0) * kept + (data[right + 1] ?? 0) * share;
    into[at + 2] = (data[left + 2] ?? 0) * kept + (data[right + 2] ?? 0) * share;
  }
}

/** Two stretched rows into one of pixels. The shifts before the sum are OpenCV's, made for 16-bit vector registers. */
function blendRows(
  above: Int32Array,
  below: Int32Array,
  weight: number,
  nextWeight: number,
  into: Uint8Array,
  start: number,
): void {
  for (let i = 0; i < above.length; i++) {
    const upper = Math.imul((above[i] ?? 0) >> 4, weight) >> 16;
    const lower = Math.imul((below[i] ?? 0) >> 4, nextWeight) >> 16;
    into[start + i] = (upper + lower + 2) >> 2;
  }
}

/** Means of 2x2 pixels, halves rounded up. */
function halve({ data, width }: RgbImage, into: Uint8Array): void {
  const stride = width * 3;
  const outStride = stride / 2;
  const rows = into.length / outStride;
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0, from = y * 2 * stride; x < outStride; x += 3, from += 6) {
      for (let c = from; c < from + 3; c++, at++) {
        const upper = (data[c] ?? 0) + (data[c + 3] ?? 0);
        const lower = (data[c + stride] ?? 0) + (data[c + stride + 3] ?? 0);
        into[at] = (upper + lower + 2) >> 2;
      }
    }
  }
}
