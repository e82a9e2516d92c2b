import { LowformerError } from '../core/errors.js';
import type { RgbImage, Size } from '../core/frame.js';
import { clipBoxes, scaleBoxes } from './boxes.js';
import { checkPixels } from './resize_bilinear.js';
import { resizeNearest } from './resize_nearest.js';
import { type Resampling, resizePicture } from './resize_picture.js';
import type { Annotations, Sample } from './sample.js';
import { eightBitPixels, refuseAfterCrop } from './step_order.js';

export { type Interpolation, OPENCV_BILINEAR, type Resampling } from './resize_picture.js';

export interface ResizeOptions extends Resampling {
  /** The type of the step, for messages. */
  readonly step: string;
  /** Whether boxes are cut to the picture afterwards: `clip_object_border`. */
  readonly clipsBoxes: boolean;
}

/**
 * A picture at another size, with its boxes and its label map, as mmdet's `Resize` moves them.
 * @throws {LowformerError} `invalid-argument` for a size without pixels, or with too many; `invalid-config` after
 *   `Normalize` or `CenterCrop`.
 */
export function resizeSample(sample: Sample, size: Size, options: ResizeOptions): Sample {
  const { step, backend, interpolation } = options;
  refuseAfterCrop(sample, step);
  const pixels = eightBitPixels(sample, step);
  if (size.width < 1 || size.height < 1) {
    const expected = 'a picture that keeps at least one pixel each way';
    const received = `${pixels.width}x${pixels.height}, which becomes ${size.width}x${size.height}`;
    const hint =
      "OpenMMLab rounds to the same size, and OpenCV's resize then fails: leave the picture out, or pad it first.";
    throw new LowformerError({ code: 'invalid-argument', where: `test_pipeline ${step}`, expected, received, hint });
  }
  checkPixels(`test_pipeline ${step}`, size);
  return withResized(sample, pixels, resizePicture(pixels, size, { backend, interpolation }), options);
}

/** A sample whose pixels have been resized. @param before their size. */
export function withResized(
  sample: Omit<Sample, 'pixels'>,
  before: Size,
  pixels: RgbImage,
  { backend, clipsBoxes }: Pick<ResizeOptions, 'backend' | 'clipsBoxes'>,
): Sample {
  const size = { width: pixels.width, height: pixels.height };
  const { scaleX, scaleY } = sample.transform;
  const [across, down] = [size.width / before.width, size.height / before.height];
  return {
    ...sample,
    pixels,
    transform: { ...sample.transform, resized: size, scaleX: scaleX * across, scaleY: scaleY * down },
    annotations: resizeAnnotations(sample.annotations, size, { across, down, backend, clipsBoxes }),
  };
}

export interface AnnotationScale extends Pick<ResizeOptions, 'backend' | 'clipsBoxes'> {
  /** New width by old, and new height by old. */
  readonly across: number;
  readonly down: number;
}

/** What is known of a picture, moved with its pixels to another size. */
export function resizeAnnotations(
  { objects, labelMap }: Annotations,
  size: Size,
  { across, down, backend, clipsBoxes }: AnnotationScale,
): Annotations {
  const move = (boxes: Float32Array) => {
    const scaled = scaleBoxes(boxes, across, down);
    return clipsBoxes ? clipBoxes(scaled, size) : scaled;
  };
  return {
    ...(objects === undefined ? {} : { objects: { ...objects, boxes: move(objects.boxes) } }),
    ...(labelMap === undefined ? {} : { labelMap: resizeNearest(labelMap, size, backend) }),
  };
}
