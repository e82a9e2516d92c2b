/** A prepared picture that windows slide over. */
import type { FrameTransform, Size } from '../core/frame.js';
import { batchOf, batchSize, type PixelForm, paddingValue, toBatch } from '../images/batch.js';
import type { Preprocessor } from '../images/preprocessors.js';
import { takePixels } from '../images/region.js';
import type { Frame } from '../images/sample.js';
import { type SlidingParts, type SlidingSource, slidingPicture, slidingSource } from './sliding_logits.js';

export interface SlidingFrame {
  readonly frame: FrameTransform;
  readonly source: SlidingSource;
}

/**
 * Windows are normalised as they come, while the network has the one before. A picture to which its preprocessor adds something at the
 * sides is normalised whole.
 */
export function slidingFrame(
  prepared: Frame,
  preprocessor: Preprocessor,
  parts: SlidingParts,
  form: PixelForm = 'normalised',
): SlidingFrame {
  const { pixels, transform } = prepared;
  if (goesUnpadded(pixels, preprocessor)) {
    const { width, height } = pixels;
    const cut = (top: number, lefts: readonly number[], size: Size, padded: Size) => {
      const windows = lefts.map((left) => ({ ...prepared, pixels: takePixels(pixels, { left, top, ...size }) }));
      return batchOf(windows, preprocessor, padded, form).input;
    };
    return { frame: { ...transform, padded: { width, height } }, source: slidingSource({ width, height, cut }, parts) };
  }
  const { input, transforms } = toBatch([prepared], preprocessor, 1, form);
  const [frame] = transforms;
  if (frame === undefined) throw new RangeError('no picture in a batch');
  return { frame, source: slidingPicture(input, parts, paddingValue(preprocessor, form)) };
}

/** Whether nothing is added at a picture's sides before windows slide over it. */
export function goesUnpadded({ width, height }: Size, preprocessor: Preprocessor): boolean {
  const padded = batchSize([{ width, height }], preprocessor, 1);
  return padded.width === width && padded.height === height;
}
