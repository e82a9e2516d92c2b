/** Networks of a few thousand weights with whole recipes, on a few drawn pictures. */
import { join } from 'node:path';
import type { StepConfig } from '../../steps/index.js';
import type { DetectorConfig } from '../../tasks/config.js';
import type { TrainingConfig } from '../../training/train.js';
import { BOXES, CLASSES, writeCoco, writePictures } from './loading/small_set.js';

const NORMALISATION: Pick<NonNullable<DetectorConfig['data_preprocessor']>, 'mean' | 'std'> = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};
const backbone = { type: 'LowFormer', arch: 'custom', widths: [4, 8, 8, 16, 16], depths: [0, 1, 1, 1, 1] } as const;

const recipe = {
  optim_wrapper: { optimizer: { type: 'AdamW', lr: 0.005, weight_decay: 0.05 }, clip_grad: { max_norm: 10 } },
  param_scheduler: [{ type: 'LinearLR', start_factor: 0.1, by_epoch: false, end: 3 }],
} as const;

/** Pictures with boxes and label maps in a folder. */
export async function writeTinySet(folder: string): Promise<void> {
  await writePictures(folder);
  writeCoco(folder, BOXES);
}

/** A detector with a moving average, over the set in a folder: 4 batches an epoch, of chance in every respect. */
export function tinyDetector(folder: string, { epochs = 2, workers = 0 } = {}): TrainingConfig {
  const set = {
    type: 'CocoDataset',
    ann_file: join(folder, 'annotations.json'),
    data_prefix: { img: join(folder, 'images/') },
  };
  const resize: StepConfig = { type: 'Resize', scale: [64, 64], keep_ratio: true };
  return {
    model: {
      type: 'RetinaNet',
      data_preprocessor: { type: 'DetDataPreprocessor', ...NORMALISATION, bgr_to_rgb: true, pad_size_divisor: 32 },
      backbone,
      neck: { type: 'FPN', out_channels: 8, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 },
      bbox_head: { type: 'RetinaHead', num_classes: CLASSES.length, stacked_convs: 1, feat_channels: 8 },
      train_cfg: { assigner: { type: 'MaxIoUAssigner', pos_iou_thr: 0.5, neg_iou_thr: 0.4, min_pos_iou: 0 } },
      test_cfg: { nms_pre: 100, score_thr: 0.01, nms: { type: 'nms', iou_threshold: 0.5 }, max_per_img: 20 },
    },
    test_pipeline: [{ type: 'LoadImageFromFile' }, resize, { type: 'PackDetInputs' }],
    train_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations', with_bbox: true },
      resize,
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PhotoMetricDistortion' },
      { type: 'Pad', size: [64, 64] },
      { type: 'PackDetInputs' },
    ],
    metainfo: { classes: CLASSES },
    train_dataloader: {
      batch_size: 2,
      num_workers: workers,
      sampler: { type: 'DefaultSampler', shuffle: true },
      dataset: set,
    },
    val_dataloader: { batch_size: 1, num_workers: 0, dataset: set },
    val_evaluator: { type: 'CocoMetric', metric: 'bbox' },
    train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: epochs, val_interval: Math.ceil(epochs / 2) },
    custom_hooks: [{ type: 'EMAHook', momentum: 0.1 }],
    ...recipe,
  };
}

/** A segmentor, counted in iterations. */
export function tinySegmentor(folder: string, { iterations = 6, workers = 0 } = {}): TrainingConfig {
  const set = {
    type: 'BaseSegDataset',
    img_suffix: '.png',
    data_prefix: { img_path: join(folder, 'images'), seg_map_path: join(folder, 'labels') },
  };
  return {
    model: {
      type: 'EncoderDecoder',
      data_preprocessor: {
        type: 'SegDataPreProcessor',
        ...NORMALISATION,
        bgr_to_rgb: true,
        size: [32, 32],
        seg_pad_val: 255,
      },
      backbone,
      neck: { type: 'FPN', out_channels: 8, num_outs: 4 },
      decode_head: {
        type: 'FPNHead',
        in_index: [0, 1, 2, 3],
        channels: 8,
        num_classes: CLASSES.length,
        norm_cfg: { type: 'BN' },
      },
      test_cfg: { mode: 'whole' },
    },
    test_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'Resize', scale: [64, 32], keep_ratio: true },
      { type: 'PackSegInputs' },
    ],
    train_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations' },
      { type: 'RandomResize', scale: [64, 48], ratio_range: [0.5, 1.5], keep_ratio: true },
      { type: 'RandomCrop', crop_size: [32, 32], cat_max_ratio: 0.75 },
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PackSegInputs' },
    ],
    metainfo: { classes: CLASSES },
    train_dataloader: {
      batch_size: 3,
      num_workers: workers,
      sampler: { type: 'InfiniteSampler', shuffle: true },
      dataset: set,
    },
    val_dataloader: { batch_size: 1, num_workers: 0, dataset: set },
    val_evaluator: { type: 'IoUMetric', iou_metrics: ['mIoU'] },
    train_cfg: { type: 'IterBasedTrainLoop', max_iters: iterations, val_interval: 3 },
    ...recipe,
  };
}
