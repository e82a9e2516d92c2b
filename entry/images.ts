/**
 * `lowformer/images`: pictures decoded as OpenCV decodes them, resized as OpenCV and Pillow do, padded, normalised and
 * batched as OpenMMLab's pipelines. Decoding is Node's; the rest also runs in a browser.
 *
 * @module lowformer/images
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export {
  type FlipDirection,
  type FrameTransform,
  isParted,
  type LabelMap,
  type PartedPicture,
  type Picture,
  type Region,
  type RgbImage,
  type Size,
} from '../core/frame.js';
export { collectNotes, type Note, type Notes } from '../core/notes.js';
export type { Tensor } from '../core/tensor.js';
export {
  type Batch,
  clsPreprocessorSchema,
  detPreprocessorSchema,
  type Preprocessor,
  segPreprocessorSchema,
  toBatch,
} from '../images/batch.js';
export { clipBoxes, flipBoxes, scaleBoxes, shiftBoxes } from '../images/boxes.js';
export { type CropOptions, cropSample } from '../images/crop_sample.js';
export { type DecodeOptions, decodeImage } from '../images/decode.js';
export { flipSample } from '../images/flip_sample.js';
export { type ChannelValues, type Normalisation, normaliseImage } from '../images/normalise.js';
export { HELD_PIXELS, type OpenOptions, openPicture } from '../images/open_picture.js';
export { centreCrop, type PaddingMode, type PadValue, padRightBottom } from '../images/pad.js';
export { IGNORED_LABEL, type PadOptions, padSample } from '../images/pad_sample.js';
export { OTHER_PICTURE_ENDINGS, PICTURE_ENDINGS } from '../images/picture_endings.js';
export { type ChannelOrder, MAX_PIXELS, type NormalisedImage, type Pixels } from '../images/pixels.js';
export { type RawPixels, rgbOf } from '../images/raw_pixels.js';
export { type AntialiasedFilter, resizeAntialiased } from '../images/resize_antialiased.js';
export { resizeBilinear } from '../images/resize_bilinear.js';
export { type NearestRule, resizeNearest, resizeNearestImage } from '../images/resize_nearest.js';
export { resizePicture } from '../images/resize_picture.js';
export {
  type Interpolation,
  OPENCV_BILINEAR,
  type Resampling,
  type ResizeOptions,
  resizeSample,
} from '../images/resize_sample.js';
export { type AnnotatedObjects, type Annotations, type Frame, type Sample, startSample } from '../images/sample.js';
export { eightBitPixels, refuseAfterCrop } from '../images/step_order.js';
export { type PipelineStep, prepareFrame, type TestPipeline, testPipelineSchema } from '../steps/pipeline.js';
