import { LowformerError } from '../core/errors.js';
import type { FrameTransform, RgbImage, Size } from '../core/frame.js';
import { normaliseImage } from './normalise.js';
import { centreCrop, type PadValue, padRightBottom } from './pad.js';
import type { PipelineStep, TestPipeline } from './pipeline_steps.js';
import { isNormalised, type Pixels } from './pixels.js';
import { type AntialiasedFilter, resizeAntialiased } from './resize_antialiased.js';
import { checkPixels, checkSize, resizeBilinear } from './resize_bilinear.js';
import { edgeSize, multipleSize, paddedSize, resizedSize, sizeOf } from './target_size.js';

export { type TestPipeline, testPipelineSchema } from './pipeline_steps.js';

/** A picture as a pipeline leaves it, and how it came to be so. */
export interface Frame {
  readonly pixels: Pixels;
  /** `padded` is the size of `pixels`: a batch may still pad further. */
  readonly transform: FrameTransform;
}

/**
 * Runs a `test_pipeline` over a decoded picture; loading and packing steps change nothing.
 * @throws {LowformerError} `invalid-argument` for a picture without pixels, or one so narrow that resizing leaves none;
 *   `invalid-config` for steps in an order that cannot be: a resize after `Normalize` or `CenterCrop`.
 */
export function prepareFrame(image: RgbImage, pipeline: TestPipeline): Frame {
  checkSize('prepareFrame', 'picture', image);
  const original = sizeOf([image.width, image.height]);
  const start: State = { pixels: image, resized: original, scaleX: 1, scaleY: 1, left: 0, top: 0, cropped: false };
  const { pixels, resized, scaleX, scaleY, left, top } = pipeline.reduce(apply, start);
  const padded = sizeOf([pixels.width, pixels.height]);
  return { pixels, transform: { original, resized, padded, scaleX, scaleY, left, top } };
}

interface State extends Pick<FrameTransform, 'resized' | 'scaleX' | 'scaleY' | 'left' | 'top'> {
  readonly pixels: Pixels;
  readonly cropped: boolean;
}

function apply(state: State, step: PipelineStep): State {
  const { pixels } = state;
  switch (step.type) {
    case 'Resize':
      return resize(state, resizedSize(pixels, step), step);
    case 'ResizeEdge':
      return resize(state, edgeSize(pixels, step), step);
    case 'ResizeToMultiple':
      return resize(state, multipleSize(pixels, step.size_divisor), { type: step.type, ...OPENCV_BILINEAR });
    case 'Pad':
      return pad(state, paddedSize(pixels, step), typeof step.pad_val === 'number' ? step.pad_val : step.pad_val.img);
    case 'CenterCrop':
      return crop(state, step);
    case 'Normalize':
      return { ...state, pixels: normaliseImage(pixels, step, step.to_rgb) };
    case 'LoadImageFromFile':
    case 'LoadAnnotations':
    case 'PackDetInputs':
    case 'PackSegInputs':
    case 'PackInputs':
      return state;
  }
}

interface ResizeMethod {
  readonly backend: 'cv2' | 'pillow';
  readonly interpolation: AntialiasedFilter;
}
const OPENCV_BILINEAR: ResizeMethod = { backend: 'cv2', interpolation: 'bilinear' };

function resize(state: State, size: Size, { type, backend, interpolation }: ResizeMethod & { type: string }): State {
  const { pixels, scaleX, scaleY } = state;
  refuseAfterCrop(state, type);
  if (isNormalised(pixels)) throw wrongOrder(type, 'a place before Normalize');
  if (size.width < 1 || size.height < 1) {
    const expected = 'a picture that keeps at least one pixel each way';
    const received = `${pixels.width}x${pixels.height}, which becomes ${size.width}x${size.height}`;
    const hint =
      "OpenMMLab rounds to the same size, and OpenCV's resize then fails: leave the picture out, or pad it first.";
    throw new LowformerError({ code: 'invalid-argument', where: `test_pipeline ${type}`, expected, received, hint });
  }
  checkPixels(`test_pipeline ${type}`, size);
  const resized = backend === 'cv2' ? resizeBilinear(pixels, size) : resizeAntialiased(pixels, size, interpolation);
  return {
    ...state,
    pixels: resized,
    resized: size,
    scaleX: scaleX * (size.width / pixels.width),
    scaleY: scaleY * (size.height / pixels.height),
  };
}

function pad(state: State, size: Size, value: PadValue): State {
  refuseAfterCrop(state, 'Pad');
  checkPixels('test_pipeline Pad', size);
  const pixels = padRightBottom(state.pixels, size, value);
  return { ...state, pixels, resized: sizeOf([pixels.width, pixels.height]) };
}

function crop(state: State, { crop_size, auto_pad, pad_cfg }: Extract<PipelineStep, { type: 'CenterCrop' }>): State {
  refuseAfterCrop(state, 'CenterCrop');
  checkPixels('test_pipeline CenterCrop', sizeOf(crop_size));
  const { width, height } = state.pixels;
  const whole = sizeOf(crop_size);
  const ground = auto_pad === true ? pad(state, whole, pad_cfg.pad_val) : state;
  const size =
    auto_pad === false ? { width: Math.min(width, whole.width), height: Math.min(height, whole.height) } : whole;
  return { ...ground, ...centreCrop(ground.pixels, size), cropped: true };
}

function refuseAfterCrop({ cropped }: State, type: string): void {
  if (cropped) throw wrongOrder(type, 'a place before CenterCrop, which comes last of what changes the size');
}

function wrongOrder(type: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `test_pipeline: ${type}`, expected });
}
