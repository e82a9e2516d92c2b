import type { LabelMap, Size } from '../core/frame.js';
import { inMemoryOrder, isNormalised, type Pixels } from './pixels.js';

/** One number for all channels, or one for each in OpenMMLab's order: BGR, or what `Normalize` made of it. */
export type PadValue = number | readonly [number, number, number];

/**
 * What added pixels are: of one value; those of the edge again; or the picture mirrored, at its last pixel (`reflect`) or
 * behind it (`symmetric`), as often as it takes.
 */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/**
 * Adds columns at the right and rows at the bottom, as mmcv's `impad(shape=…)`.
 * @param size of the result; where the picture is larger, it stays as it is.
 * @param value with mode `constant`; rounded to 0..255 while pixels have 8 bits.
 * @returns a new picture, or `pixels` itself where nothing is added.
 */
export function padRightBottom(pixels: Pixels, size: Size, value: PadValue, mode: PaddingMode = 'constant'): Pixels {
  const width = Math.max(size.width, pixels.width);
  const height = Math.max(size.height, pixels.height);
  if (width === pixels.width && height === pixels.height) return pixels;
  if (mode === 'constant') return place(pixels, { width, height }, { left: 0, top: 0 }, value);
  const length = width * height * 3;
  if (isNormalised(pixels)) {
    const data = new Float32Array(length);
    continueRows(pixels, { width, height, data }, 3, mode);
    return { ...pixels, width, height, data };
  }
  const data = new Uint8Array(length);
  continueRows(pixels, { width, height, data }, 3, mode);
  return { width, height, data };
}

/**
 * The middle of the picture, as torchvision's `CenterCrop`: where the picture is smaller than the crop, zeros are put
 * around it first (one more at the right and bottom of an odd number); halves of the offset are rounded to even.
 * @param size of the result.
 * @returns the crop, and the pixels put before the first column and row: negative where some were cut off.
 */
export function centreCrop(pixels: Pixels, size: Size): { pixels: Pixels; left: number; top: number } {
  const left = offset(pixels.width, size.width);
  const top = offset(pixels.height, size.height);
  const same = size.width === pixels.width && size.height === pixels.height;
  return { pixels: same ? pixels : place(pixels, size, { left, top }, 0), left, top };
}

/** The same columns and rows of a label map, of one label with mode `constant`. */
export function padLabelMap(map: LabelMap, size: Size, label: number, mode: PaddingMode = 'constant'): LabelMap {
  const width = Math.max(size.width, map.width);
  const height = Math.max(size.height, map.height);
  if (width === map.width && height === map.height) return map;
  if (mode === 'constant') return placeLabels(map, { width, height }, { left: 0, top: 0 }, label);
  const { labels: data, ...from } = map;
  const labels = data instanceof Uint16Array ? new Uint16Array(width * height) : new Uint8Array(width * height);
  continueRows({ ...from, data }, { width, height, data: labels }, 1, mode);
  return { width, height, labels };
}

/** The same middle of a label map. @param label put around it where it is smaller. */
export function centreCropLabelMap(map: LabelMap, size: Size, label: number): LabelMap {
  const at = { left: offset(map.width, size.width), top: offset(map.height, size.height) };
  return size.width === map.width && size.height === map.height ? map : placeLabels(map, size, at, label);
}

function placeLabels(
  map: LabelMap,
  { width, height }: Size,
  at: { readonly left: number; readonly top: number },
  label: number,
): LabelMap {
  const wide = map.labels instanceof Uint16Array || label > 255;
  const labels = wide ? new Uint16Array(width * height) : new Uint8Array(width * height);
  copyRows({ ...map, data: map.labels }, { width, height, data: labels.fill(label) }, at, 1);
  return { width, height, labels };
}

function offset(from: number, to: number): number {
  if (to >= from) return Math.floor((to - from) / 2);
  const half = (from - to) / 2;
  const floor = Math.floor(half);
  return -(half === floor || floor % 2 === 0 ? floor : floor + 1);
}

/** The picture at an offset on a ground of `value`; what lies outside is cut off. */
function place(
  pixels: Pixels,
  { width, height }: Size,
  at: { readonly left: number; readonly top: number },
  value: PadValue,
): Pixels {
  const [a, b, c] = typeof value === 'number' ? [value, value, value] : value;
  const colour = inMemoryOrder(pixels, [a, b, c]);
  if (isNormalised(pixels)) {
    const data = new Float32Array(width * height * 3);
    fillColour(data, colour);
    copyRows(pixels, { width, height, data }, at, 3);
    return { width, height, data, order: pixels.order };
  }
  const data = new Uint8Array(width * height * 3);
  // Clamped, and halves to even: OpenCV's conversion.
  fillColour(data, Uint8ClampedArray.from(colour));
  copyRows(pixels, { width, height, data }, at, 3);
  return { width, height, data };
}

function fillColour(into: Uint8Array | Float32Array, colour: ArrayLike<number>): void {
  if (colour[0] === colour[1] && colour[1] === colour[2]) into.fill(colour[0] ?? 0);
  else for (let i = 0; i < into.length; i++) into[i] = colour[i % 3] ?? 0;
}

interface Plane extends Size {
  readonly data: Uint8Array | Uint16Array | Float32Array;
}

/** The plane itself, and behind its last column and row what its own pixels say. @param step numbers a pixel. */
function continueRows(from: Plane, to: Plane, step: number, mode: Exclude<PaddingMode, 'constant'>): void {
  const columns = sourcesBehind(from.width, to.width, mode);
  const rows = sourcesBehind(from.height, to.height, mode);
  for (let y = 0, at = 0; y < to.height; y++) {
    const row = (rows[y] ?? 0) * from.width * step;
    for (let x = 0; x < to.width; x++) {
      const start = row + (columns[x] ?? 0) * step;
      for (let i = start; i < start + step; i++, at++) to.data[at] = from.data[i] ?? 0;
    }
  }
}

/** For each position of an axis the source position: OpenCV's `borderInterpolate`. */
function sourcesBehind(from: number, to: number, mode: Exclude<PaddingMode, 'constant'>): Int32Array {
  const period = mode === 'reflect' ? 2 * from - 2 : 2 * from;
  return Int32Array.from({ length: to }, (_, i) => {
    if (mode === 'edge' || from === 1) return Math.min(i, from - 1);
    const at = i % period;
    return at < from ? at : period - at - (mode === 'reflect' ? 0 : 1);
  });
}

/** @param step numbers a pixel. */
function copyRows(
  from: Plane,
  to: Plane,
  { left, top }: { readonly left: number; readonly top: number },
  step: number,
): void {
  const firstColumn = Math.max(0, -left);
  const columns = Math.min(from.width - firstColumn, to.width - Math.max(0, left));
  const firstRow = Math.max(0, -top);
  const rows = Math.min(from.height - firstRow, to.height - Math.max(0, top));
  for (let y = 0; y < rows; y++) {
    const start = ((firstRow + y) * from.width + firstColumn) * step;
    const target = ((Math.max(0, top) + y) * to.width + Math.max(0, left)) * step;
    to.data.set(from.data.subarray(start, start + columns * step), target);
  }
}
