/** Label maps, and pictures, at another size: pixels are chosen, never blended. */
import type { LabelMap, RgbImage, Size } from '../core/frame.js';
import { checkSize } from './resize_bilinear.js';

/**
 * Whose choice of the source pixel: OpenCV's `INTER_NEAREST` takes the one at the upper left corner of the new pixel,
 * Pillow's `NEAREST` the one at its centre.
 */
export type NearestRule = 'cv2' | 'pillow';

/**
 * @param size of the result, 1 pixel or more each way; the aspect ratio is free.
 * @returns a new map, or `map` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both have at least one pixel.
 */
export function resizeNearest(map: LabelMap, size: Size, rule: NearestRule): LabelMap {
  checkSize('resizeNearest', 'label map', map);
  checkSize('resizeNearest', 'size', size);
  const { width, height } = size;
  if (width === map.width && height === map.height) return map;
  const columns = sources(map.width, width, rule);
  const rows = sources(map.height, height, rule);
  const from = map.labels;
  const labels = from instanceof Uint16Array ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = (rows[y] ?? 0) * map.width;
    for (let x = 0; x < width; x++, at++) labels[at] = from[row + (columns[x] ?? 0)] ?? 0;
  }
  return { width, height, labels };
}

/**
 * The same of a picture.
 * @param size of the result, 1 pixel or more each way; the aspect ratio is free.
 * @returns a new picture, or `image` itself where it has that size already.
 * @throws {LowformerError} `invalid-argument` unless both have at least one pixel.
 */
export function resizeNearestImage(image: RgbImage, size: Size, rule: NearestRule): RgbImage {
  checkSize('resizeNearestImage', 'picture', image);
  checkSize('resizeNearestImage', 'size', size);
  const { width, height } = size;
  if (width === image.width && height === image.height) return image;
  const columns = sources(image.width, width, rule);
  const rows = sources(image.height, height, rule);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = (rows[y] ?? 0) * image.width;
    for (let x = 0; x < width; x++, at += 3) {
      const from = (row + (columns[x] ?? 0)) * 3;
      data[at] = image.data[from] ?? 0;
      data[at + 1] = image.data[from + 1] ?? 0;
      data[at + 2] = image.data[from + 2] ?? 0;
    }
  }
  return { width, height, data };
}

/** For each position along one axis, the position that it is read from. */
function sources(from: number, to: number, rule: NearestRule): Int32Array {
  const result = new Int32Array(to);
  // OpenCV takes the inverse of the inverse scale; Pillow adds the scale up: the last bit decides where a pixel begins.
  const scale = rule === 'cv2' ? 1 / (to / from) : from / to;
  let centre = scale / 2;
  for (let i = 0; i < to; i++, centre += scale) {
    result[i] = Math.min(from - 1, Math.floor(rule === 'cv2' ? i * scale : centre));
  }
  return result;
}
