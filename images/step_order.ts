/** Orders of pipeline steps that cannot be. */
import { LowformerError } from '../core/errors.js';
import type { RgbImage } from '../core/frame.js';
import { isNormalised } from './pixels.js';
import type { Sample } from './sample.js';

/**
 * @param step the type of the step that is about to change the size.
 * @throws {LowformerError} `invalid-config` after `CenterCrop`: the way back to the original picture ends there.
 */
export function refuseAfterCrop({ cropped }: Sample, step: string): void {
  if (cropped) throw wrongOrder(step, 'a place before CenterCrop, which comes last of what changes the size');
}

/**
 * @param step the type of the step that is about to mirror the picture.
 * @throws {LowformerError} `invalid-config` after `Pad`: mirrored, its pixels lie before the first column or row.
 */
export function refuseAfterPad({ padded = false }: Sample, step: string): void {
  if (padded) throw wrongOrder(step, 'a place before Pad');
}

/**
 * The pixels for a step that works on 8 bits.
 * @throws {LowformerError} `invalid-config` after `Normalize`.
 */
export function eightBitPixels({ pixels }: Sample, step: string): RgbImage {
  if (isNormalised(pixels)) throw wrongOrder(step, 'a place before Normalize');
  return pixels;
}

function wrongOrder(step: string, expected: string): LowformerError {
  return new LowformerError({ code: 'invalid-config', where: `test_pipeline: ${step}`, expected });
}
