import type { Size } from '../core/frame.js';
import { type PaddingMode, type PadValue, padLabelMap, padRightBottom } from './pad.js';
import { checkPixels } from './resize_bilinear.js';
import type { Sample } from './sample.js';
import { refuseAfterCrop } from './step_order.js';
import { sizeOf } from './target_size.js';

/** What is not a class: mmseg's value for pixels that count nowhere, and of what is added to label maps. */
export const IGNORED_LABEL = 255;

export interface PadOptions {
  /** The type of the step, for messages. */
  readonly step: string;
  /** Of added pixels. */
  readonly value: PadValue;
  /** Of added pixels of the label map. */
  readonly label: number;
  /** `constant` unless told otherwise: with another neither `value` nor `label` is used. */
  readonly mode?: PaddingMode;
}

/**
 * Columns at the right and rows at the bottom, of the picture and its label map; boxes stay where they are.
 * @param size of the result; where the picture is larger, it stays as it is.
 * @throws {LowformerError} `invalid-argument` for more pixels than there may be; `invalid-config` after `CenterCrop`.
 */
export function padSample(sample: Sample, size: Size, { step, value, label, mode = 'constant' }: PadOptions): Sample {
  refuseAfterCrop(sample, step);
  checkPixels(`test_pipeline ${step}`, size);
  const pixels = padRightBottom(sample.pixels, size, value, mode);
  const resized = sizeOf([pixels.width, pixels.height]);
  const { labelMap, ...others } = sample.annotations;
  return {
    ...sample,
    padded: true,
    pixels,
    transform: { ...sample.transform, resized },
    annotations: labelMap === undefined ? others : { ...others, labelMap: padLabelMap(labelMap, resized, label, mode) },
  };
}
