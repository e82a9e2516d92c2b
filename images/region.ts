/** Parts of pictures, and pictures put onto others: the pixels of what training does with several. */
import type { LabelMap, Region, RgbImage, Size } from '../core/frame.js';
import { isNormalised, type Pixels } from './pixels.js';

/** What a region and a picture have in common: NumPy's slices end where the picture does. */
export function regionInside({ left, top, width, height }: Region, size: Size): Region {
  return {
    left,
    top,
    width: Math.max(0, Math.min(width, size.width - left)),
    height: Math.max(0, Math.min(height, size.height - top)),
  };
}

/** A new picture of a region that lies inside. */
export function takePixels(pixels: Pixels, region: Region): Pixels {
  if (!isNormalised(pixels)) return cutPicture(pixels, region);
  const { width, height } = region;
  const data = new Float32Array(width * height * 3);
  copyRegion(pixels, region, { width, data }, { left: 0, top: 0 }, 3);
  return { ...pixels, width, height, data };
}

/** The same of 8-bit pixels. */
export function cutPicture(picture: RgbImage, region: Region): RgbImage {
  const { width, height } = region;
  const data = new Uint8Array(width * height * 3);
  copyRegion(picture, region, { width, data }, { left: 0, top: 0 }, 3);
  return { width, height, data };
}

/** Likewise of a label map. */
export function takeLabels({ labels: data, width: across }: LabelMap, region: Region): LabelMap {
  const { width, height } = region;
  const labels = data instanceof Uint16Array ? new Uint16Array(width * height) : new Uint8Array(width * height);
  copyRegion({ data, width: across }, region, { data: labels, width }, { left: 0, top: 0 }, 1);
  return { width, height, labels };
}

export interface Plane {
  readonly data: Uint8Array | Uint16Array | Float32Array | Float64Array;
  readonly width: number;
}

/** Copies a region to a place; both must be inside. @param step numbers a pixel. */
export function copyRegion(
  from: Plane,
  { left, top, width, height }: Region,
  to: Plane,
  at: { readonly left: number; readonly top: number },
  step: number,
): void {
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * from.width + left) * step;
    const target = ((at.top + y) * to.width + at.left) * step;
    to.data.set(from.data.subarray(start, start + width * step), target);
  }
}
