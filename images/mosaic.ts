/** Four pictures around one point, as mmdet's `Mosaic` puts them (YOLOv4, arXiv 2004.10934, section 3.4). */
import type { Region, RgbImage, Size } from '../core/frame.js';
import { clipBoxes, scaleBoxes, shiftBoxes } from './boxes.js';
import { isInside, joinObjects, keepObjects } from './objects.js';
import { copyRegion } from './region.js';
import { resizeBilinear } from './resize_bilinear.js';
import type { AnnotatedObjects, Sample } from './sample.js';
import { eightBitPixels } from './step_order.js';

export interface MosaicRules {
  /** Of each picture at most; the whole is twice as large each way. */
  readonly scale: Size;
  /** Where the four meet, in pixels of the whole. */
  readonly centre: { readonly x: number; readonly y: number };
  /** Of what no picture covers. */
  readonly padValue: number;
  readonly clipsBoxes: boolean;
}

const NONE: AnnotatedObjects = { boxes: new Float32Array(0), labels: new Int32Array(0) };

/**
 * @param sample the upper left one. @param others upper right, lower left, lower right. Label maps are lost.
 * @throws {LowformerError} `invalid-config` after `Normalize`; `invalid-argument` for a picture so narrow that nothing is left.
 */
export function mosaic(sample: Sample, others: readonly Sample[], rules: MosaicRules): Sample {
  const { scale, padValue, clipsBoxes } = rules;
  const whole = { width: 2 * scale.width, height: 2 * scale.height };
  const data = new Uint8Array(whole.width * whole.height * 3).fill(padValue);
  const objects = [sample, ...others].map((part, corner) => {
    const image = eightBitPixels(part, 'Mosaic');
    const fit = Math.min(scale.height / image.height, scale.width / image.width);
    const resized = resizeBilinear(image, {
      width: Math.trunc(image.width * fit),
      height: Math.trunc(image.height * fit),
    });
    const { from, at } = placeOf(corner, resized, rules.centre, whole);
    copyRegion(resized, from, { data, width: whole.width }, at, 3);
    const own = part.annotations.objects ?? NONE;
    return { ...own, boxes: shiftBoxes(scaleBoxes(own.boxes, fit, fit), at.left - from.left, at.top - from.top) };
  });
  const joined = joinObjects(objects);
  const boxes = clipsBoxes ? clipBoxes(joined.boxes, whole) : joined.boxes;
  return mixed(
    sample,
    { ...whole, data },
    keepObjects({ ...joined, boxes }, (box) => isInside(box, whole)),
  );
}

/** What several pictures became: no way leads back to one of them. */
export function mixed(sample: Sample, pixels: RgbImage, objects: AnnotatedObjects): Sample {
  const resized = { width: pixels.width, height: pixels.height };
  return { ...sample, pixels, transform: { ...sample.transform, resized }, annotations: { objects } };
}

/** Which part of a picture is seen, and where. @param corner 0 to 3: row by row. */
function placeOf(
  corner: number,
  { width, height }: RgbImage,
  centre: { readonly x: number; readonly y: number },
  whole: Size,
): { readonly from: Region; readonly at: { readonly left: number; readonly top: number } } {
  const isLeft = corner % 2 === 0;
  const isTop = corner < 2;
  const seen = {
    width: Math.min(width, isLeft ? centre.x : whole.width - centre.x),
    height: Math.min(height, isTop ? centre.y : whole.height - centre.y),
  };
  const from = { left: isLeft ? width - seen.width : 0, top: isTop ? height - seen.height : 0, ...seen };
  return {
    from,
    at: { left: isLeft ? centre.x - seen.width : centre.x, top: isTop ? centre.y - seen.height : centre.y },
  };
}
