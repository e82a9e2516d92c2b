/** How models are trained on drawn scenes: what the detector and the segmentor have in common. */
import type { MetaInfo } from '../data/metainfo.js';
import type { StepConfig } from '../steps/index.js';

const BATCH_SIZE = 8;
const WARM_UP = 200;

/** Scenes lie any way round: each picture is one of four. */
export const randomFlip = {
  type: 'RandomFlip',
  prob: [0.25, 0.25, 0.25],
  direction: ['horizontal', 'vertical', 'diagonal'],
};
export const resize: StepConfig = { type: 'Resize', scale: [256, 256], keep_ratio: true };
export const sceneFolder = (part: 'train' | 'val') => `data/scenes/${part}/`;

/** @param best what the best checkpoint is chosen by. */
export const recipe = (epochs: number, best: string) => ({
  train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: epochs, val_interval: 1 },
  optim_wrapper: {
    type: 'OptimWrapper',
    optimizer: { type: 'AdamW', lr: 0.001, weight_decay: 0.05 },
    paramwise_cfg: { norm_decay_mult: 0, bias_decay_mult: 0 },
    clip_grad: { max_norm: 10 },
  },
  param_scheduler: [
    { type: 'LinearLR', start_factor: 0.01, by_epoch: false, begin: 0, end: WARM_UP },
    { type: 'CosineAnnealingLR', by_epoch: true, convert_to_iter_based: true, begin: 0, end: epochs, eta_min: 0.00001 },
  ],
  default_hooks: { checkpoint: { type: 'CheckpointHook', save_best: best, rule: 'greater' } },
  randomness: { seed: 0 },
});

export const loaders = (train: object, val: object, metainfo: MetaInfo) => ({
  train_dataloader: {
    batch_size: BATCH_SIZE,
    num_workers: 1,
    sampler: { type: 'DefaultSampler', shuffle: true },
    dataset: { ...train, data_root: sceneFolder('train'), metainfo },
  },
  val_dataloader: {
    batch_size: BATCH_SIZE,
    num_workers: 1,
    sampler: { type: 'DefaultSampler', shuffle: false },
    dataset: { ...val, data_root: sceneFolder('val'), metainfo, test_mode: true },
  },
});
