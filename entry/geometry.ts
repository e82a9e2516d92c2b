/**
 * `lowformer/geometry`: anchors, box codecs, overlaps and non-maximum suppression on typed arrays, in PyTorch's float32
 * arithmetic. No Node API.
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
export {
  type BoxCodec,
  type BoxCodecConfig,
  boxCodecSchema,
  createBoxCodec,
  type DecodeOptions,
} from '../geometry/box_codec.js';
export { intersectionOverUnion, intersectionOverUnionMatrix } from '../geometry/iou.js';
export { batchedNms, type NmsConfig, nmsSchema } from '../geometry/nms.js';
export { sigmoid } from '../geometry/sigmoid.js';
