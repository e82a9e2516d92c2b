/** How a `test_pipeline` begins with a picture that is read in parts. */
import type { PartedPicture, RgbImage, Size } from '../core/frame.js';
import { canResizeParts, resizeParts } from '../images/resize_parts.js';
import { withResized } from '../images/resize_sample.js';
import { type Frame, unchanged } from '../images/sample.js';
import { continueFrame, stepParts, stepResampling, stepResizedSize, type TestPipeline } from './pipeline.js';

/**
 * What a pipeline asks of the pixels of a large picture: `resized`, where the first step that touches them resizes them
 * bilinearly as OpenCV does, which takes two rows for each of the result's; `pixelwise`, where every step leaves each pixel at its place,
 * so that parts can be prepared by themselves; undefined where the whole picture is wanted.
 */
export function partedUse(size: Size, pipeline: TestPipeline): 'resized' | 'pixelwise' | undefined {
  if (pipeline.every((step) => stepParts(step) !== undefined)) return 'pixelwise';
  return firstResize(size, pipeline) === undefined ? undefined : 'resized';
}

/** The first step that touches pixels, and the size that it gives them; undefined unless it is such a resize. */
function firstResize(size: Size, pipeline: TestPipeline): { readonly at: number; readonly size: Size } | undefined {
  const at = pipeline.findIndex((step) => stepParts(step) !== 'same');
  const step = pipeline[at];
  if (step === undefined) return undefined;
  const resampling = stepResampling(step);
  if (resampling?.backend !== 'cv2' || resampling.interpolation !== 'bilinear') return undefined;
  const resized = stepResizedSize(step, size);
  const fits = resized !== undefined && resized.width > 0 && resized.height > 0 && canResizeParts(size, resized);
  return fits ? { at, size: resized } : undefined;
}

/**
 * `prepareFrame` of a picture of which some rows are held at a time: the same frame to the bit.
 * @param pipeline one whose use of a picture of this size is `resized`.
 * @throws {LowformerError} as `prepareFrame`, and what reading the picture throws.
 */
export async function prepareParts(picture: PartedPicture, pipeline: TestPipeline): Promise<Frame> {
  const resize = firstResize(picture, pipeline);
  if (resize === undefined) throw new RangeError('a pipeline that does not begin with a resize');
  const resized: RgbImage = await resizeParts(picture, resize.size);
  const sample = withResized(unchanged(picture), picture, resized, { backend: 'cv2', clipsBoxes: false });
  return continueFrame(sample, pipeline.slice(resize.at + 1));
}
