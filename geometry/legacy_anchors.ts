/**
 * Anchor boxes of mmdet 1, whose corners were pixels: a box from 0 to 7 is eight pixels wide. They are a pixel smaller than
 * those of today, and lie at whole pixels. Follows mmdet 3's `LegacyAnchorGenerator` to the bit.
 */
import { roundHalfEven } from '../core/round_half_even.js';
import { type AnchorGenerator, type AnchorGeneratorConfig, anchorGeneratorSchema, anchorsOfSizes } from './anchors.js';

/** Keys as of `AnchorGenerator`; networks of mmdet 1 have a `center_offset` of 0.5. */
export const legacyAnchorGeneratorSchema = anchorGeneratorSchema;

/** Builds the base anchors of every level. */
export function createLegacyAnchorGenerator(config: AnchorGeneratorConfig): AnchorGenerator {
  return anchorsOfSizes(config, (size) => size - 1, roundHalfEven);
}
