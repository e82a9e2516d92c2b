import type { Region } from '../core/frame.js';
import { clipBoxes, shiftBoxes } from './boxes.js';
import { isInside, keepObjects } from './objects.js';
import { regionInside, takeLabels, takePixels } from './region.js';
import type { Sample } from './sample.js';

/**
 * A part of a picture, for training: what lies outside of it is gone, its objects too. What is left counts as the picture
 * from there on, so that anything may follow.
 * @param region whose right and lower border may lie outside; then it ends with the picture.
 * @param clipsBoxes whether boxes are cut to what is left.
 */
export function cropToRegion(sample: Sample, region: Region, clipsBoxes: boolean): Sample {
  const inside = regionInside(region, sample.pixels);
  const { objects, labelMap } = sample.annotations;
  const { transform } = sample;
  const move = (boxes: Float32Array) => {
    const shifted = shiftBoxes(boxes, -inside.left, -inside.top);
    return clipsBoxes ? clipBoxes(shifted, inside) : shifted;
  };
  return {
    ...sample,
    pixels: takePixels(sample.pixels, inside),
    transform: { ...transform, resized: { width: inside.width, height: inside.height } },
    annotations: {
      ...(objects === undefined
        ? {}
        : { objects: keepObjects({ ...objects, boxes: move(objects.boxes) }, (box) => isInside(box, inside)) }),
      ...(labelMap === undefined ? {} : { labelMap: takeLabels(labelMap, inside) }),
    },
  };
}
