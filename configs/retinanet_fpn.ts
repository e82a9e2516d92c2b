import type { BackboneConfig } from '../backbones/index.js';
import { coco } from '../data/classes/coco.js';
import type { MetaInfo } from '../data/metainfo.js';
import type { DetectionConfig, DetectorConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';

/** From C3 to P7. */
export const RETINANET_FPN = {
  type: 'FPN',
  out_channels: 256,
  start_level: 1,
  add_extra_convs: 'on_input',
  num_outs: 5,
} as const;

/** What the published RetinaNets differ in. */
export interface RetinaNetForm {
  readonly backbone: BackboneConfig;
  readonly normalisation?: typeof IMAGENET_NORMALISATION;
  /** What lies between the backbone and the head; by default `RETINANET_FPN`. */
  readonly neck?: DetectorConfig['neck'];
  readonly head?: 'RetinaHead' | 'FreeAnchorRetinaHead' | 'PISARetinaHead';
  /** Of the boxes' deltas. */
  readonly stds?: [x: number, y: number, width: number, height: number];
  /** COCO by default. */
  readonly metainfo?: MetaInfo;
  /** Pictures are resized into it, in pixels: 1333x800 by default. */
  readonly scale?: [long: number, short: number];
  /** Of a config that is trained here. */
  readonly boxLoss?: { readonly type: string; readonly [key: string]: unknown };
}

/** mmdet's RetinaNet; pictures are padded to multiples of 32. */
export const retinanetFpn = ({
  backbone,
  normalisation = IMAGENET_NORMALISATION,
  neck = RETINANET_FPN,
  head = 'RetinaHead',
  stds = [1, 1, 1, 1],
  metainfo = coco,
  scale = [1333, 800],
  boxLoss,
}: RetinaNetForm): DetectionConfig => ({
  model: {
    type: 'RetinaNet',
    data_preprocessor: { type: 'DetDataPreprocessor', ...normalisation, pad_size_divisor: 32 },
    backbone,
    neck,
    bbox_head: {
      type: head,
      num_classes: metainfo.classes.length,
      stacked_convs: 4,
      feat_channels: 256,
      anchor_generator: {
        type: 'AnchorGenerator',
        octave_base_scale: 4,
        scales_per_octave: 3,
        ratios: [0.5, 1, 2],
        strides: [8, 16, 32, 64, 128],
      },
      bbox_coder: { type: 'DeltaXYWHBBoxCoder', target_means: [0, 0, 0, 0], target_stds: stds },
      loss_cls: { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 },
      ...(boxLoss === undefined ? {} : { loss_bbox: boxLoss }),
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
    { type: 'Resize', scale, keep_ratio: true },
    { type: 'PackDetInputs' },
  ],
  metainfo,
});
