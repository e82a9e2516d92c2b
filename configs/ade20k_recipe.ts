import type { SegmentationConfig } from '../tasks/config.js';

/** As mmseg's configs have it: `images/` and `annotations/` below it, each with `training/` and `validation/`. */
const ROOT = 'data/ade/ADEChallengeData2016';
const ITERATIONS = 40_000;
const VALIDATED = 4_000;
/** Height and width. */
const CROP = [512, 512] as const;

/**
 * ADE20K's 20,210 pictures, as mmseg trains Semantic FPN on PoolFormer, which those who compare mobile and transformer
 * backbones have taken over: 40,000 steps of 32 crops of 512x512, AdamW from 0.0002 on a polynomial of 0.9 down to 0. Pictures
 * are resized to half to twice the size of the test, mirrored by half and distorted in their colours. A batch is of one
 * process here, where mmseg's is 4 on each of 8 GPUs: on a smaller device take fewer
 * (`--cfg-options train_dataloader.batch_size=8 auto_scale_lr.enable=true`).
 */
export const ADE20K_RECIPE = {
  train_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'LoadAnnotations', reduce_zero_label: true },
    { type: 'RandomResize', scale: [2048, 512], ratio_range: [0.5, 2], keep_ratio: true },
    { type: 'RandomCrop', crop_size: CROP, cat_max_ratio: 0.75 },
    { type: 'RandomFlip', prob: 0.5 },
    { type: 'PhotoMetricDistortion' },
    { type: 'Pad', size: CROP },
    { type: 'PackSegInputs' },
  ],
  train_dataloader: {
    batch_size: 32,
    num_workers: 8,
    persistent_workers: true,
    sampler: { type: 'InfiniteSampler', shuffle: true },
    dataset: {
      type: 'ADE20KDataset',
      data_root: ROOT,
      data_prefix: { img_path: 'images/training', seg_map_path: 'annotations/training' },
    },
  },
  val_dataloader: {
    batch_size: 1,
    num_workers: 4,
    persistent_workers: true,
    sampler: { type: 'DefaultSampler', shuffle: false },
    dataset: {
      type: 'ADE20KDataset',
      data_root: ROOT,
      data_prefix: { img_path: 'images/validation', seg_map_path: 'annotations/validation' },
    },
  },
  val_evaluator: { type: 'IoUMetric', iou_metrics: ['mIoU'] },
  train_cfg: { type: 'IterBasedTrainLoop', max_iters: ITERATIONS, val_interval: VALIDATED },
  val_cfg: { type: 'ValLoop' },
  optim_wrapper: { type: 'OptimWrapper', optimizer: { type: 'AdamW', lr: 0.0002, weight_decay: 0.0001 } },
  param_scheduler: [{ type: 'PolyLR', power: 0.9, begin: 0, end: ITERATIONS, eta_min: 0, by_epoch: false }],
  default_hooks: {
    checkpoint: { type: 'CheckpointHook', by_epoch: false, interval: VALIDATED, save_best: 'mIoU' },
    logger: { type: 'LoggerHook', interval: 50 },
  },
  auto_scale_lr: { enable: false, base_batch_size: 32 },
} as const satisfies Partial<SegmentationConfig>;
