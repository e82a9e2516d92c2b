/**
 * Small models of our own, trained on drawn scenes (`lowformer scenes`) within two hours on two cores: ATSS (arXiv 1912.02424)
 * and Semantic FPN (arXiv 1901.02446) on a LowFormer of 2.1 million parameters.
 *
 * ```
 * lowformer scenes --out data/scenes/train --count 3000 --seed 1 --size 256x256
 * lowformer scenes --out data/scenes/val --count 200 --seed 2 --size 256x256
 * lowformer train sem-fpn_lowformer-xs_8e_scenes-256x256 --work-dir work_dirs/scenes_segmentor
 * lowformer train atss_lowformer-xs_fpn_8e_scenes-256x256 --work-dir work_dirs/scenes_detector \
 *   --cfg-options model.backbone.init_cfg.type=Pretrained model.backbone.init_cfg.prefix=backbone. \
 *   model.backbone.init_cfg.checkpoint=work_dirs/scenes_segmentor/best.safetensors
 * ```
 */
import type { BackboneConfig } from '../backbones/index.js';
import { sceneLabels, sceneObjects } from '../data/classes/scenes.js';
import type { StepConfig } from '../steps/index.js';
import type { DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { IMAGENET_NORMALISATION } from './imagenet_normalisation.js';
import { loaders, randomFlip, recipe, resize, sceneFolder } from './scenes_recipe.js';

/** Narrower than B0 in its late stages, where the parameters are, and with a block more at stride 8, for what is small. */
const backbone: BackboneConfig = {
  type: 'LowFormer',
  arch: 'custom',
  widths: [16, 32, 48, 96, 128],
  depths: [0, 1, 2, 1, 1],
};

function detector(): DetectionConfig {
  const test_pipeline = [{ type: 'LoadImageFromFile' }, resize, { type: 'PackDetInputs' }] satisfies StepConfig[];
  const train_pipeline = [
    { type: 'LoadImageFromFile' },
    { type: 'LoadAnnotations', with_bbox: true },
    resize,
    randomFlip,
    { type: 'PackDetInputs' },
  ];
  const dataset = { type: 'CocoDataset', ann_file: 'annotations.json', data_prefix: { img: 'images/' } };
  return {
    model: {
      type: 'ATSS',
      data_preprocessor: { type: 'DetDataPreprocessor', ...IMAGENET_NORMALISATION, pad_size_divisor: 32 },
      backbone,
      neck: { type: 'FPN', out_channels: 64, start_level: 1, add_extra_convs: 'on_output', num_outs: 4 },
      bbox_head: {
        type: 'ATSSHead',
        num_classes: sceneObjects.classes.length,
        stacked_convs: 2,
        feat_channels: 64,
        norm_cfg: { type: 'GN', num_groups: 16, requires_grad: true },
        // Side by side on a map 5 x 8 pixels cover things from 13 pixels on; 320 on the coarsest, a whole picture.
        anchor_generator: {
          type: 'AnchorGenerator',
          octave_base_scale: 5,
          scales_per_octave: 1,
          ratios: [1],
          strides: [8, 16, 32, 64],
        },
        bbox_coder: {
          type: 'DeltaXYWHBBoxCoder',
          target_means: [0, 0, 0, 0],
          target_stds: [0.1, 0.1, 0.2, 0.2],
        },
        loss_cls: { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 },
        loss_bbox: { type: 'GIoULoss', loss_weight: 2 },
        loss_centerness: { type: 'CrossEntropyLoss', use_sigmoid: true, loss_weight: 1 },
      },
      train_cfg: { assigner: { type: 'ATSSAssigner', topk: 9 }, allowed_border: -1, pos_weight: -1 },
      test_cfg: {
        nms_pre: 1000,
        min_bbox_size: 0,
        score_thr: 0.05,
        nms: { type: 'nms', iou_threshold: 0.6 },
        max_per_img: 100,
      },
    },
    test_pipeline,
    metainfo: sceneObjects,
    train_pipeline,
    ...loaders({ ...dataset, pipeline: train_pipeline }, { ...dataset, pipeline: test_pipeline }, sceneObjects),
    val_evaluator: { type: 'CocoMetric', ann_file: `${sceneFolder('val')}annotations.json`, metric: 'bbox' },
    ...recipe(8, 'coco/bbox_mAP'),
  };
}

function segmentor(): SegmentationConfig {
  const test_pipeline = [{ type: 'LoadImageFromFile' }, resize, { type: 'PackSegInputs' }] satisfies StepConfig[];
  const train_pipeline = [
    { type: 'LoadImageFromFile' },
    { type: 'LoadAnnotations' },
    resize,
    randomFlip,
    { type: 'PackSegInputs' },
  ];
  const dataset = {
    type: 'BaseSegDataset',
    data_prefix: { img_path: 'images', seg_map_path: 'labels' },
    img_suffix: '.png',
    seg_map_suffix: '.png',
  };
  return {
    model: {
      type: 'EncoderDecoder',
      data_preprocessor: { type: 'SegDataPreProcessor', ...IMAGENET_NORMALISATION, pad_val: 0, seg_pad_val: 255 },
      backbone,
      neck: { type: 'FPN', out_channels: 64, num_outs: 4 },
      decode_head: {
        type: 'FPNHead',
        in_index: [0, 1, 2, 3],
        feature_strides: [4, 8, 16, 32],
        channels: 64,
        dropout_ratio: 0,
        num_classes: sceneLabels.classes.length,
        norm_cfg: { type: 'BN', requires_grad: true },
        align_corners: false,
        // Most of a picture is background.
        loss_decode: {
          type: 'CrossEntropyLoss',
          use_sigmoid: false,
          class_weight: [0.5, 1, 1, 1, 1, 1, 1, 1, 1],
          loss_weight: 1,
        },
      },
      train_cfg: {},
      test_cfg: { mode: 'whole' },
    },
    test_pipeline,
    metainfo: sceneLabels,
    train_pipeline,
    ...loaders({ ...dataset, pipeline: train_pipeline }, { ...dataset, pipeline: test_pipeline }, sceneLabels),
    val_evaluator: { type: 'IoUMetric', iou_metrics: ['mIoU'] },
    ...recipe(8, 'mIoU'),
  };
}

export const lowformerScenes = {
  'atss_lowformer-xs_fpn_8e_scenes-256x256': detector(),
  'sem-fpn_lowformer-xs_8e_scenes-256x256': segmentor(),
} as const;
