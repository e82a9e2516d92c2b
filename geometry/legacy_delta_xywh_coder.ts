/**
 * Boxes as offsets from anchors as mmdet 1 had them, whose corners were pixels: a box is a pixel wider than its corners lie
 * apart. Follows mmdet 3's `LegacyDeltaXYWHBBoxCoder`, which leaves the corners of decoded boxes half a pixel further out
 * than mmdet 1 did.
 */
import { z } from 'zod';
import type { BoxCoder } from './box_coder.js';
import { type DeltaXywhDecodeOptions, deltaCoder, deltaXywhCoderSchema } from './delta_xywh_coder.js';

const { target_means, target_stds, use_box_type } = deltaXywhCoderSchema.shape;

/** mmdet's keys; means and standard deviations in the order dx, dy, dw, dh. */
export const legacyDeltaXywhCoderSchema = z.strictObject({ target_means, target_stds, use_box_type });

/** A checked configuration of the coder. */
export type LegacyDeltaXywhCoderConfig = z.output<typeof legacyDeltaXywhCoderSchema>;

/** Deltas are dx, dy, dw, dh. Boxes end at the last pixel of the picture. */
export function createLegacyDeltaXywhCoder(config: LegacyDeltaXywhCoderConfig): BoxCoder<DeltaXywhDecodeOptions> {
  return deltaCoder({ ...config, clip_border: true, add_ctr_clamp: false, ctr_clamp: 0 }, 1);
}
