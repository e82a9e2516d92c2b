/**
 * `lowformer/geometry`: anchors and points, box coders, overlaps and non-maximum suppression on typed arrays, in PyTorch's float32
 * arithmetic. No Node API.
 *
 * @module lowformer/geometry
 */
export { type ErrorCode, type ErrorParts, LowformerError } from '../core/errors.js';
export type { Size } from '../core/frame.js';
export {
  type AnchorGenerator,
  type AnchorGeneratorConfig,
  type AnchorLevel,
  anchorGeneratorSchema,
  createAnchorGenerator,
  gridAnchors,
} from '../geometry/anchors.js';
export type { BoxCoder, DecodeOptions } from '../geometry/box_coder.js';
export {
  createDeltaXywhCoder,
  type DeltaXywhCoderConfig,
  type DeltaXywhDecodeOptions,
  deltaXywhCoderSchema,
} from '../geometry/delta_xywh_coder.js';
export {
  createDistancePointCoder,
  type DistancePointCoderConfig,
  distancePointCoderSchema,
} from '../geometry/distance_point_coder.js';
export { intersectionOverUnion, intersectionOverUnionMatrix } from '../geometry/iou.js';
export { createLegacyAnchorGenerator, legacyAnchorGeneratorSchema } from '../geometry/legacy_anchors.js';
export {
  createLegacyDeltaXywhCoder,
  type LegacyDeltaXywhCoderConfig,
  legacyDeltaXywhCoderSchema,
} from '../geometry/legacy_delta_xywh_coder.js';
export { batchedNms, createNms, type NmsConfig, nmsSchema } from '../geometry/nms.js';
export { createPointGenerator, type PointGeneratorConfig, pointGeneratorSchema } from '../geometry/points.js';
export type { PriorGenerator, PriorKind } from '../geometry/priors.js';
export { sigmoid } from '../geometry/sigmoid.js';
export { createSoftNms, type SoftNmsConfig, softNmsSchema } from '../geometry/soft_nms.js';
export type { Kept, Suppression } from '../geometry/suppression.js';
export { createTblrCoder, type TblrCoderConfig, tblrCoderSchema } from '../geometry/tblr_coder.js';
