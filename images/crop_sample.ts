import type { Size } from '../core/frame.js';
import { clipBoxes, shiftBoxes } from './boxes.js';
import { centreCrop, centreCropLabelMap } from './pad.js';
import { IGNORED_LABEL } from './pad_sample.js';
import type { Sample } from './sample.js';
import { refuseAfterCrop } from './step_order.js';

export interface CropOptions {
  /** The type of the step, for messages. */
  readonly step: string;
  /** Whether boxes are cut to what is left: `clip_object_border`. */
  readonly clipsBoxes: boolean;
}

/**
 * The middle of a picture, with its boxes and its label map. Where the picture is smaller, zeros are put around it, and
 * 255 around the label map. Boxes outside of it stay, without area: classes and boxes remain parallel.
 * @throws {LowformerError} `invalid-config` after another crop.
 */
export function cropSample(sample: Sample, size: Size, { step, clipsBoxes }: CropOptions): Sample {
  refuseAfterCrop(sample, step);
  const { pixels, left, top } = centreCrop(sample.pixels, size);
  const { objects, labelMap } = sample.annotations;
  const move = (boxes: Float32Array) => {
    const shifted = shiftBoxes(boxes, left, top);
    return clipsBoxes ? clipBoxes(shifted, size) : shifted;
  };
  return {
    pixels,
    transform: { ...sample.transform, left, top },
    cropped: true,
    annotations: {
      ...(objects === undefined ? {} : { objects: { ...objects, boxes: move(objects.boxes) } }),
      ...(labelMap === undefined ? {} : { labelMap: centreCropLabelMap(labelMap, size, IGNORED_LABEL) }),
    },
  };
}
