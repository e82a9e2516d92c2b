/** The rest of a config that trains on pictures of one's own: optimiser, schedule, pipelines, loaders. */
import type { Size } from '../../core/frame.js';
import type { TrainingKeys } from '../recipe/recipe.js';
import type { TrainingPlan } from './training_length.js';

/** For batches of 6: as measured on blood cells and on streets. */
const LEARNING_RATE = 8e-4;
/** Pictures are drawn so much smaller or larger. */
const SCALES: [number, number] = [0.75, 1.5];
/** A pixel of no colour: ImageNet's mean, red first. */
const GREY: [number, number, number] = [124, 116, 104];

/** AdamW (arXiv 1711.05101), a rate that rises, then falls as a cosine (arXiv 1608.03983); the best of the validations is kept. */
export function recipeKeys({ epochs, steps, warmUp, validationInterval }: TrainingPlan, metric: string) {
  // An epoch of few pictures takes less time than a checkpoint.
  const checkpoint = {
    type: 'CheckpointHook',
    interval: validationInterval,
    save_best: metric,
    rule: 'greater',
  } as const;
  return {
    optim_wrapper: {
      type: 'OptimWrapper',
      optimizer: { type: 'AdamW', lr: LEARNING_RATE, weight_decay: 0.05 },
      paramwise_cfg: { norm_decay_mult: 0, bias_decay_mult: 0 },
      clip_grad: { max_norm: 10, norm_type: 2 },
    },
    param_scheduler: [
      { type: 'LinearLR', start_factor: 0.01, by_epoch: false, begin: 0, end: warmUp },
      {
        type: 'CosineAnnealingLR',
        eta_min: LEARNING_RATE / 100,
        by_epoch: false,
        begin: warmUp,
        end: Math.max(warmUp + 1, steps),
        T_max: Math.max(1, steps - warmUp),
      },
    ],
    train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: epochs, val_interval: validationInterval },
    val_cfg: { type: 'ValLoop' },
    default_hooks: { checkpoint },
  } as const satisfies TrainingKeys & Readonly<Record<string, unknown>>;
}

/** Sizes, parts, mirror images and colours as chance has it. @param size of the network's input. */
export function trainPipelines({ width, height }: Size) {
  const resize = { type: 'RandomResize', scale: [width, height], ratio_range: SCALES, keep_ratio: true } as const;
  const distort = { type: 'PhotoMetricDistortion' } as const;
  const flip = { type: 'RandomFlip', prob: 0.5 } as const;
  return {
    detection: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations', with_bbox: true },
      resize,
      { type: 'RandomCrop', crop_size: [width, height], allow_negative_crop: true },
      flip,
      distort,
      { type: 'Pad', size: [width, height], pad_val: { img: GREY } },
      { type: 'PackDetInputs' },
    ],
    segmentation: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations' },
      resize,
      { type: 'RandomCrop', crop_size: [height, width], cat_max_ratio: 0.75 },
      flip,
      distort,
      { type: 'Pad', size: [width, height], pad_val: { img: GREY, seg: 255 } },
      { type: 'PackSegInputs' },
    ],
  } as const;
}

/** Batches of training in an order by chance, prepared in threads; pictures of validation one after the other. */
export function loaders<Set extends object>(batchSize: number, workers: number, sets: { train: Set; validation: Set }) {
  const shared = { num_workers: workers, persistent_workers: workers > 0 };
  return {
    train_dataloader: {
      batch_size: batchSize,
      ...shared,
      sampler: { type: 'DefaultSampler', shuffle: true },
      dataset: sets.train,
    },
    val_dataloader: {
      batch_size: 1,
      ...shared,
      drop_last: false,
      sampler: { type: 'DefaultSampler', shuffle: false },
      dataset: { ...sets.validation, test_mode: true },
    },
  } as const;
}
