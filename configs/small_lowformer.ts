/**
 * The networks that pictures of one's own are trained with: a LowFormer (arXiv 2409.03460) with RetinaNet's or
 * Semantic FPN's head, 4.8 million parameters in all, which a processor trains in minutes.
 */
import type { DetectorConfig, SegmentorConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

const BACKBONE = {
  type: 'LowFormer',
  arch: 'custom',
  widths: [12, 24, 48, 96, 160],
  depths: [0, 1, 1, 2, 2],
  flags: {},
} as const;
const CHANNELS = 64;

/** Of the levels of `smallDetector`, finest first. */
export const DETECTION_STRIDES = [8, 16, 32, 64, 128];

/** `AnchorGenerator`'s keys. */
export interface SmallDetectorAnchors {
  readonly octave_base_scale: number;
  readonly scales_per_octave: number;
  /** Height over width. */
  readonly ratios: readonly number[];
}

/** RetinaNet (Lin et al., arXiv 1708.02002), with mmdet's assigner and losses. */
export function smallDetector(numClasses: number, anchors: SmallDetectorAnchors) {
  return {
    type: 'RetinaNet',
    data_preprocessor: { type: 'DetDataPreprocessor', ...IMAGENET_NORMALISATION, pad_size_divisor: 32 },
    backbone: BACKBONE,
    neck: { type: 'FPN', out_channels: CHANNELS, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 },
    bbox_head: {
      type: 'RetinaHead',
      num_classes: numClasses,
      stacked_convs: 2,
      feat_channels: CHANNELS,
      anchor_generator: {
        type: 'AnchorGenerator',
        ...anchors,
        ratios: [...anchors.ratios],
        strides: DETECTION_STRIDES,
      },
      bbox_coder: { type: 'DeltaXYWHBBoxCoder', target_means: [0, 0, 0, 0], target_stds: [1, 1, 1, 1] },
      loss_cls: { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 },
      loss_bbox: { type: 'L1Loss', loss_weight: 1 },
    },
    train_cfg: {
      assigner: { type: 'MaxIoUAssigner', pos_iou_thr: 0.5, neg_iou_thr: 0.4, min_pos_iou: 0, ignore_iof_thr: -1 },
      sampler: { type: 'PseudoSampler' },
      allowed_border: -1,
      pos_weight: -1,
      debug: false,
    },
    test_cfg: {
      nms_pre: 1000,
      min_bbox_size: 0,
      score_thr: 0.05,
      nms: { type: 'nms', iou_threshold: 0.5 },
      max_per_img: 100,
    },
  } as const satisfies DetectorConfig;
}

/** Semantic FPN (Kirillov et al., arXiv 1901.02446), with mmseg's cross-entropy. */
export function smallSegmentor(numClasses: number) {
  return {
    type: 'EncoderDecoder',
    data_preprocessor: { type: 'SegDataPreProcessor', ...IMAGENET_NORMALISATION, pad_val: 0, seg_pad_val: 255 },
    backbone: BACKBONE,
    neck: { type: 'FPN', out_channels: CHANNELS, num_outs: 4 },
    decode_head: {
      type: 'FPNHead',
      in_index: [0, 1, 2, 3],
      feature_strides: [4, 8, 16, 32],
      channels: CHANNELS,
      dropout_ratio: 0.1,
      num_classes: numClasses,
      norm_cfg: { type: 'BN', requires_grad: true },
      align_corners: false,
      loss_decode: { type: 'CrossEntropyLoss', use_sigmoid: false, loss_weight: 1 },
    },
    train_cfg: {},
    test_cfg: { mode: 'whole' },
  } as const satisfies SegmentorConfig;
}
