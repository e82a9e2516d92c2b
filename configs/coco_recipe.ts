import type { DetectionConfig } from '../tasks/config.js';

/** As mmdet's configs have it: `train2017/`, `val2017/` and `annotations/` below it. */
const ROOT = 'data/coco/';
const EPOCHS = 12;
/** Iterations. */
const WARM_UP = 500;

/** What the published recipes differ in. */
export const COCO_OPTIMISERS = {
  /** mmdet's for PVT, which those who compare mobile and transformer backbones have taken over. */
  adamw: { type: 'AdamW', lr: 0.0001, weight_decay: 0.0001 },
  /** mmdet's for RetinaNet and ATSS on ResNet. */
  sgd: { type: 'SGD', lr: 0.01, momentum: 0.9, weight_decay: 0.0001 },
} as const;

/**
 * COCO's 118,287 pictures of 2017 in mmdet's 1x schedule: 12 epochs of batches of 16, warmed up over 500 iterations, a tenth of
 * the learning rate after 8 and after 11. Pictures are resized into 1333x800 and mirrored by half. A batch is of one process
 * here, where mmdet's is 2 on each of 8 GPUs: on a smaller device take fewer
 * (`--cfg-options train_dataloader.batch_size=4 auto_scale_lr.enable=true`).
 */
export const cocoRecipe = (optimiser: keyof typeof COCO_OPTIMISERS) =>
  ({
    train_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations', with_bbox: true },
      { type: 'Resize', scale: [1333, 800], keep_ratio: true },
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PackDetInputs' },
    ],
    train_dataloader: {
      batch_size: 16,
      num_workers: 8,
      persistent_workers: true,
      sampler: { type: 'DefaultSampler', shuffle: true },
      batch_sampler: { type: 'AspectRatioBatchSampler' },
      dataset: {
        type: 'CocoDataset',
        data_root: ROOT,
        ann_file: 'annotations/instances_train2017.json',
        data_prefix: { img: 'train2017/' },
        filter_cfg: { filter_empty_gt: true, min_size: 32 },
      },
    },
    val_dataloader: {
      batch_size: 1,
      num_workers: 2,
      persistent_workers: true,
      drop_last: false,
      sampler: { type: 'DefaultSampler', shuffle: false },
      dataset: {
        type: 'CocoDataset',
        data_root: ROOT,
        ann_file: 'annotations/instances_val2017.json',
        data_prefix: { img: 'val2017/' },
        test_mode: true,
      },
    },
    val_evaluator: { type: 'CocoMetric', metric: 'bbox' },
    train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: EPOCHS, val_interval: 1 },
    val_cfg: { type: 'ValLoop' },
    optim_wrapper: { type: 'OptimWrapper', optimizer: COCO_OPTIMISERS[optimiser] },
    param_scheduler: [
      { type: 'LinearLR', start_factor: 0.001, by_epoch: false, begin: 0, end: WARM_UP },
      { type: 'MultiStepLR', begin: 0, end: EPOCHS, by_epoch: true, milestones: [8, 11], gamma: 0.1 },
    ],
    default_hooks: {
      checkpoint: { type: 'CheckpointHook', interval: 1, save_best: 'coco/bbox_mAP' },
      logger: { type: 'LoggerHook', interval: 50 },
    },
    auto_scale_lr: { enable: false, base_batch_size: 16 },
  }) as const satisfies Partial<DetectionConfig>;
