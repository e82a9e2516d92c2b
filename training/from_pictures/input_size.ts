/** The size that pictures are trained at. */
import type { Size } from '../../core/frame.js';

/** What the network halves, five times over. */
const MULTIPLE = 32;
const LEAST = 320;
/** The smallest objects, but for a tenth, should have such sides: RetinaNet's smallest anchor. */
const SIDE = 32;
const SMALL = 0.1;
/** Of the longer side. Twice the side takes four times the time of a step. */
const MOST = { detection: 640, segmentation: 512 };

/** The longer side of a picture of the middle shape; no larger than the pictures are. */
export function detectionSize(pictures: readonly Size[], objects: readonly ObjectSize[]): Size {
  const shares = objects.map(({ width, height, picture }) => {
    return Math.sqrt(width * height) / Math.max(picture.width, picture.height);
  });
  const wanted = SIDE / Math.max(quantile(shares, SMALL), Number.EPSILON);
  return inputSize(pictures, Math.min(MOST.detection, Math.max(LEAST, wanted)));
}

/** An object's sides, and its picture's, in pixels of the picture. */
export interface ObjectSize extends Size {
  readonly picture: Size;
}

/** Of label maps. */
export function segmentationSize(pictures: readonly Size[]): Size {
  return inputSize(pictures, MOST.segmentation);
}

/** @returns multiples of 32 into which a picture of the middle shape fits with this longer side. */
function inputSize(pictures: readonly Size[], longer: number): Size {
  const own = quantile(
    pictures.map(({ width, height }) => Math.max(width, height)),
    0.5,
  );
  const shape = quantile(
    pictures.map(({ width, height }) => width / height),
    0.5,
  );
  const side = upToMultiple(Math.min(longer, own));
  const [width, height] = shape >= 1 ? [side, side / shape] : [side * shape, side];
  return { width: upToMultiple(width), height: upToMultiple(height) };
}

/** With a little less than a pixel over: 640x480 in 416 are 416x312. */
function upToMultiple(pixels: number): number {
  return Math.max(MULTIPLE, Math.ceil((pixels - 0.5) / MULTIPLE) * MULTIPLE);
}

/** How much a picture is scaled where it is fitted into a size: `Resize` with `keep_ratio`. */
export function fittingScale(picture: Size, into: Size): number {
  return Math.min(
    Math.max(into.width, into.height) / Math.max(picture.width, picture.height),
    Math.min(into.width, into.height) / Math.min(picture.width, picture.height),
  );
}

/** Of numbers in any order; 1 of none. @param share from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 1;
}
