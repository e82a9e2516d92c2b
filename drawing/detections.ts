import type { RgbImage } from '../core/frame.js';
import type { Detection } from '../core/results.js';
import { type DrawDetectionsOptions, drawBoxes } from './boxes.js';
import { loadCanvas } from './font.js';

export type { DrawDetectionsOptions } from './boxes.js';

/**
 * `drawBoxes` with the `canvas` package.
 * @throws {LowformerError} `missing-package` where tags are wanted and `canvas` is not installed.
 */
export function drawDetections(
  image: RgbImage,
  detections: readonly Detection[],
  options: DrawDetectionsOptions = {},
): Promise<RgbImage> {
  return drawBoxes(image, detections, loadCanvas, options);
}
