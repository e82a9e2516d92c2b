import type { RgbImage } from '../core/frame.js';
import type { SegmentationMap } from '../core/results.js';
import { type DrawSegmentationOptions, drawClasses } from './class_overlay.js';
import { loadCanvas } from './font.js';

export type { DrawSegmentationOptions } from './class_overlay.js';

/**
 * `drawClasses` with the `canvas` package.
 * @throws {LowformerError} `invalid-argument` unless map and picture have one size; `missing-package` where a legend
 * is wanted and `canvas` is not installed.
 */
export function drawSegmentation(
  image: RgbImage,
  map: SegmentationMap,
  options: DrawSegmentationOptions = {},
): Promise<RgbImage> {
  return drawClasses(image, map, loadCanvas, options);
}
