import type { BackboneConfig } from '../backbones/index.js';
import { coco } from '../data/classes/coco.js';
import type { DetectionConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

/**
 * RetinaNet with an FPN from C3 to P7, COCO, mmdet's 1x schedule (12 epochs): pictures resized into 1333x800, padded to
 * multiples of 32.
 */
export const retinanetFpnCoco = (backbone: BackboneConfig): DetectionConfig => ({
  model: {
    type: 'RetinaNet',
    data_preprocessor: { type: 'DetDataPreprocessor', ...IMAGENET_NORMALISATION, pad_size_divisor: 32 },
    backbone,
    neck: { type: 'FPN', out_channels: 256, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 },
    bbox_head: {
      type: 'RetinaHead',
      num_classes: 80,
      stacked_convs: 4,
      feat_channels: 256,
      anchor_generator: {
        type: 'AnchorGenerator',
        octave_base_scale: 4,
        scales_per_octave: 3,
        ratios: [0.5, 1, 2],
        strides: [8, 16, 32, 64, 128],
      },
      bbox_coder: { type: 'DeltaXYWHBBoxCoder', target_means: [0, 0, 0, 0], target_stds: [1, 1, 1, 1] },
      loss_cls: { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 },
    },
    test_cfg: {
      nms_pre: 1000,
      min_bbox_size: 0,
      score_thr: 0.05,
      nms: { type: 'nms', iou_threshold: 0.5 },
      max_per_img: 100,
    },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'Resize', scale: [1333, 800], keep_ratio: true },
    { type: 'PackDetInputs' },
  ],
  metainfo: coco,
});
