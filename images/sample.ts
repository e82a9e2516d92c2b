import { LowformerError } from '../core/errors.js';
import type { FrameTransform, LabelMap, RgbImage, Size } from '../core/frame.js';
import type { Pixels } from './pixels.js';
import { checkSize } from './resize_bilinear.js';
import { sizeOf } from './target_size.js';

/** What is known of a picture, in its pixels as they are now. Prediction has none of it; training and its losses do. */
export interface Annotations {
  readonly objects?: AnnotatedObjects;
  readonly labelMap?: LabelMap;
}

/** Parallel arrays. */
export interface AnnotatedObjects {
  /** x1, y1, x2, y2 for each object, in pixels from the upper left corner of the picture. */
  readonly boxes: Float32Array;
  /** Class indices. */
  readonly labels: Int32Array;
  /** 1 for what is neither an object nor background: crowds, difficult ones. Absent where all are objects. */
  readonly ignored?: Uint8Array;
}

/** A picture on its way through a pipeline. A step gives a new one and leaves the old one as it was. */
export interface Sample {
  /** 8 bits until `Normalize`, float32 from there. */
  readonly pixels: Pixels;
  /** From the original picture to `pixels`, which say how large they are themselves. */
  readonly transform: Omit<FrameTransform, 'padded'>;
  /** Whether `CenterCrop` was there: nothing that changes the size may follow it. */
  readonly cropped: boolean;
  /** Whether `Pad` was there: nothing that mirrors may follow it. */
  readonly padded?: boolean;
  /** Whoever moves pixels moves these with them. */
  readonly annotations: Annotations;
}

/** A picture as a pipeline leaves it, and how it came to be so. */
export interface Frame {
  readonly pixels: Pixels;
  /** `padded` is the size of `pixels`: a batch may still pad further. */
  readonly transform: FrameTransform;
  readonly annotations: Annotations;
}

/**
 * A decoded picture before the first step.
 * @throws {LowformerError} `invalid-argument` for a picture without pixels, a label map of another size, or boxes and
 *   labels of different numbers.
 */
export function startSample(where: string, image: RgbImage, annotations: Annotations): Sample {
  checkSize(where, 'picture', image);
  checkAnnotations(where, image, annotations);
  return { ...unchanged(image), pixels: image, annotations };
}

/** A sample before the first step, but for its pixels. */
export function unchanged({ width, height }: Size): Omit<Sample, 'pixels'> {
  const original = sizeOf([width, height]);
  const transform = { original, resized: original, scaleX: 1, scaleY: 1, left: 0, top: 0 };
  return { transform, cropped: false, annotations: {} };
}

function checkAnnotations(where: string, { width, height }: RgbImage, { objects, labelMap }: Annotations): void {
  const invalid = (expected: string, received: string) =>
    new LowformerError({ code: 'invalid-argument', where, expected, received });
  if (objects !== undefined && objects.boxes.length !== 4 * objects.labels.length) {
    const expected = `four numbers of boxes for each of ${objects.labels.length} labels`;
    throw invalid(expected, `${objects.boxes.length} numbers`);
  }
  if (labelMap === undefined) return;
  const { labels, ...size } = labelMap;
  if (size.width !== width || size.height !== height || labels.length !== width * height) {
    const received = `${size.width}x${size.height} with ${labels.length} labels`;
    throw invalid(`a label map of the picture's ${width}x${height} pixels`, received);
  }
}
