/** A result drawn over its picture, by the code that draws it on the command line. */
import type { RgbImage } from '../../../core/frame.js';
import type { Result } from '../../../core/results.js';
import { type DrawDetectionsOptions, drawBoxes } from '../../../drawing/boxes.js';
import { drawClasses } from '../../../drawing/class_overlay.js';
import type { GivenPalette } from '../../../drawing/palette.js';
import { loadLabelCanvas } from '../page/canvas.js';

export interface PictureOptions {
  readonly palette: GivenPalette;
  /** Lowest score of a box that is drawn. */
  readonly threshold: number;
  /** How much of the class colour covers a segmented picture, 0 to 1. */
  readonly opacity: number;
  /** The list beside the picture names the classes; a saved picture needs a legend of its own. */
  readonly legend: boolean;
  /** Of boxes and their names, in pixels of the picture; by its size when left out. */
  readonly strokes?: Pick<DrawDetectionsOptions, 'lineWidth' | 'fontSize'> | undefined;
}

/** A picture with nothing to draw over it, as a classified one, is given back as it is. */
export async function drawResult(
  image: RgbImage,
  result: Result,
  { palette, threshold, opacity, legend, strokes }: PictureOptions,
): Promise<RgbImage> {
  switch (result.kind) {
    case 'detection': {
      const shown = result.detections.filter(({ score }) => score >= threshold);
      return drawBoxes(image, shown, loadLabelCanvas, { palette, ...strokes });
    }
    case 'segmentation':
      return drawClasses(image, result, loadLabelCanvas, { palette, alpha: opacity, legend });
    case 'classification':
      return image;
  }
}

/** The labels as a grey picture whose values are the class indices. @throws {RangeError} beyond 256 classes. */
export function labelImage(result: Extract<Result, { kind: 'segmentation' }>): RgbImage {
  const { width, height, labels } = result;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    if (label > 255) throw new RangeError('labels beyond 255 do not fit into 8 bits');
    data.fill(label, 3 * i, 3 * i + 3);
  }
  return { width, height, data };
}
