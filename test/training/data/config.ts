/** Configs that train on the small set, with a network of a few channels. */
import { CLASSES } from '../loading/small_set.js';

const normalisation = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375], bgr_to_rgb: true };

const backbone = { type: 'LowFormer', arch: 'custom', widths: [4, 4, 4, 4, 4], depths: [0, 1, 1, 1, 1] };

export const DETECTOR = {
  type: 'RetinaNet',
  data_preprocessor: { type: 'DetDataPreprocessor', ...normalisation, pad_size_divisor: 32 },
  backbone,
  neck: { type: 'FPN', out_channels: 4, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 },
  bbox_head: {
    type: 'RetinaHead',
    num_classes: CLASSES.length,
    stacked_convs: 1,
    feat_channels: 4,
    anchor_generator: {
      type: 'AnchorGenerator',
      octave_base_scale: 4,
      scales_per_octave: 3,
      ratios: [0.5, 1, 2],
      strides: [8, 16, 32, 64, 128],
    },
  },
  test_cfg: { score_thr: 0.05, nms: { type: 'nms', iou_threshold: 0.5 }, max_per_img: 100, nms_pre: 1000 },
} as const;

export const SEGMENTOR = {
  type: 'EncoderDecoder',
  data_preprocessor: { type: 'SegDataPreProcessor', ...normalisation, size: [32, 32] },
  backbone,
  neck: { type: 'FPN', out_channels: 4, num_outs: 4 },
  decode_head: {
    type: 'FPNHead',
    in_index: [0, 1, 2, 3],
    feature_strides: [4, 8, 16, 32],
    channels: 4,
    num_classes: CLASSES.length,
  },
} as const;

export function detectionConfig(folder: string, changes: object = {}): Record<string, unknown> {
  const dataset = {
    type: 'CocoDataset',
    data_root: folder,
    ann_file: 'annotations.json',
    data_prefix: { img: 'images/' },
  };
  return {
    model: DETECTOR,
    metainfo: { classes: CLASSES },
    train_pipeline: [
      { type: 'LoadImageFromFile', backend_args: null },
      { type: 'LoadAnnotations', with_bbox: true },
      { type: 'Resize', scale: [64, 48], keep_ratio: true },
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PackDetInputs' },
    ],
    test_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'Resize', scale: [64, 48], keep_ratio: true },
      { type: 'PackDetInputs' },
    ],
    train_dataloader: {
      batch_size: 2,
      num_workers: 0,
      persistent_workers: true,
      sampler: { type: 'DefaultSampler', shuffle: true },
      batch_sampler: { type: 'AspectRatioBatchSampler' },
      dataset: { ...dataset, filter_cfg: { filter_empty_gt: true, min_size: 8 } },
    },
    val_dataloader: {
      batch_size: 1,
      num_workers: 2,
      drop_last: false,
      sampler: { type: 'DefaultSampler', shuffle: false },
      dataset: { ...dataset, test_mode: true },
    },
    val_evaluator: { type: 'CocoMetric', ann_file: `${folder}/annotations.json`, metric: 'bbox' },
    val_cfg: { type: 'ValLoop' },
    ...changes,
  };
}

export function segmentationConfig(folder: string, changes: object = {}): Record<string, unknown> {
  const dataset = {
    type: 'BaseSegDataset',
    data_root: folder,
    data_prefix: { img_path: 'images', seg_map_path: 'labels' },
    img_suffix: '.png',
  };
  return {
    model: SEGMENTOR,
    metainfo: { classes: CLASSES },
    train_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations', reduce_zero_label: false },
      { type: 'RandomResize', scale: [64, 48], ratio_range: [0.5, 2], keep_ratio: true },
      { type: 'RandomCrop', crop_size: [32, 32], cat_max_ratio: 0.75 },
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PackSegInputs' },
    ],
    test_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'Resize', scale: [64, 48], keep_ratio: true },
      { type: 'PackSegInputs' },
    ],
    train_dataloader: {
      batch_size: 3,
      num_workers: 0,
      sampler: { type: 'InfiniteSampler', shuffle: true },
      dataset,
    },
    val_dataloader: { batch_size: 1, dataset },
    val_evaluator: { type: 'IoUMetric', iou_metrics: ['mIoU'] },
    ...changes,
  };
}
