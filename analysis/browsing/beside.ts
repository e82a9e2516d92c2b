import type { RgbImage } from '../../core/frame.js';
import { WHITE } from '../../drawing/palette.js';
import { blankImage } from '../../drawing/raster.js';

/** Pixels between the two. */
const GAP = 4;

/** Two pictures side by side on white, their upper edges in line. */
export function beside(left: RgbImage, right: RgbImage): RgbImage {
  const both = blankImage(left.width + GAP + right.width, Math.max(left.height, right.height), WHITE);
  paste(both, left, 0);
  paste(both, right, left.width + GAP);
  return both;
}

function paste(target: RgbImage, { data, width, height }: RgbImage, x: number): void {
  for (let row = 0; row < height; row++) {
    target.data.set(data.subarray(row * width * 3, (row + 1) * width * 3), (row * target.width + x) * 3);
  }
}
