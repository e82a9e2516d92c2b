/**
 * mmdet's ATSS and FCOS on COCO, with ResNet and an FPN from C3 to P7. The towers' norms are group norms of 32 groups.
 *
 * `lowformer detect atss_resnet50_fpn_1x_coco --checkpoint FILE pictures/`
 */
import { coco } from '../data/classes/coco.js';
import type { DetectionConfig } from '../tasks/config.js';
import { cocoRecipe } from './coco_recipe.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

const PREPROCESSOR = { type: 'DetDataPreprocessor', ...IMAGENET_NORMALISATION, pad_size_divisor: 32 } as const;
const STRIDES = [8, 16, 32, 64, 128];
const FOCAL_LOSS = { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 };
const TEST = {
  nms_pre: 1000,
  min_bbox_size: 0,
  score_thr: 0.05,
  nms: { type: 'nms', iou_threshold: 0.6 },
  max_per_img: 100,
} as const;

type Depth = 18 | 50 | 101;

/** mmdet's `atss_r50_fpn_1x_coco` and its like: pictures resized into 1333x800. AP 39.4 (ResNet-50), 41.5 (ResNet-101). */
const atss = (depth: Depth): DetectionConfig => ({
  model: {
    type: 'ATSS',
    data_preprocessor: PREPROCESSOR,
    backbone: { type: 'ResNet', depth, frozen_stages: 1 },
    neck: { type: 'FPN', out_channels: 256, start_level: 1, add_extra_convs: 'on_output', num_outs: 5 },
    bbox_head: {
      type: 'ATSSHead',
      num_classes: 80,
      stacked_convs: 4,
      feat_channels: 256,
      anchor_generator: {
        type: 'AnchorGenerator',
        ratios: [1],
        octave_base_scale: 8,
        scales_per_octave: 1,
        strides: STRIDES,
      },
      bbox_coder: { type: 'DeltaXYWHBBoxCoder', target_means: [0, 0, 0, 0], target_stds: [0.1, 0.1, 0.2, 0.2] },
      loss_cls: FOCAL_LOSS,
      loss_bbox: { type: 'GIoULoss', loss_weight: 2 },
      loss_centerness: { type: 'CrossEntropyLoss', use_sigmoid: true, loss_weight: 1 },
    },
    train_cfg: { assigner: { type: 'ATSSAssigner', topk: 9 }, allowed_border: -1, pos_weight: -1 },
    test_cfg: TEST,
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [1333, 800], keep_ratio: true },
    { type: 'PackDetInputs' },
  ],
  metainfo: coco,
  ...cocoRecipe('sgd'),
});

/**
 * mmdet's `fcos_r50_fpn_gn-head-center-normbbox-centeronreg-giou_8xb8-amp-lsj-200e_coco` and its like, trained with
 * large-scale jitter: pictures resized into 1024x1024.
 */
const fcos = (depth: Depth): DetectionConfig => ({
  model: {
    type: 'FCOS',
    data_preprocessor: PREPROCESSOR,
    backbone: { type: 'ResNet', depth },
    neck: {
      type: 'FPN',
      out_channels: 256,
      start_level: 1,
      add_extra_convs: 'on_output',
      num_outs: 5,
      relu_before_extra_convs: true,
    },
    bbox_head: {
      type: 'FCOSHead',
      num_classes: 80,
      stacked_convs: 4,
      feat_channels: 256,
      strides: STRIDES,
      norm_on_bbox: true,
      centerness_on_reg: true,
      conv_bias: true,
      loss_cls: FOCAL_LOSS,
    },
    test_cfg: TEST,
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [1024, 1024], keep_ratio: true },
    { type: 'PackDetInputs' },
  ],
  metainfo: coco,
});

export const denseFpnCoco = {
  atss_resnet50_fpn_1x_coco: atss(50),
  atss_resnet101_fpn_1x_coco: atss(101),
  'fcos_resnet18_fpn_gn-head-center-normbbox-centeronreg-giou_lsj-200e_coco': fcos(18),
  'fcos_resnet50_fpn_gn-head-center-normbbox-centeronreg-giou_lsj-200e_coco': fcos(50),
} as const;
