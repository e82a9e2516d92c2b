import { describe, expect, test } from 'vitest';
import { readConfig } from '../../models/open_config.js';
import type { ConfigObject } from '../../registry/config_tree.js';
import { sourced } from '../../registry/config_tree.js';
import { isCheckpointDue } from '../../training/recipe/checkpoint_plan.js';
import { readTrainingRecipe, type TrainingKeys } from '../../training/recipe/recipe.js';
import { isValidationDue, parseTrainLoop, trainingLength } from '../../training/recipe/train_loop.js';

const recipeOf = (value: ConfigObject) => readTrainingRecipe({ ...sourced(value, 'a.json'), sources: ['a.json'] });
const SHORT = {
  train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: 12 },
  optim_wrapper: { optimizer: { type: 'SGD', lr: 1 } },
};

/** mmdet's schedule_1x.py and default_runtime.py. */
const SCHEDULE_1X = {
  train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: 12, val_interval: 1 },
  param_scheduler: [
    { type: 'LinearLR', start_factor: 0.001, by_epoch: false, begin: 0, end: 500 },
    { type: 'MultiStepLR', begin: 0, end: 12, by_epoch: true, milestones: [8, 11], gamma: 0.1 },
  ],
  optim_wrapper: { type: 'OptimWrapper', optimizer: { type: 'SGD', lr: 0.02, momentum: 0.9, weight_decay: 0.0001 } },
  auto_scale_lr: { enable: false, base_batch_size: 16 },
  default_hooks: {
    timer: { type: 'IterTimerHook' },
    logger: { type: 'LoggerHook' },
    param_scheduler: { type: 'ParamSchedulerHook' },
    checkpoint: { type: 'CheckpointHook' },
    sampler_seed: { type: 'DistSamplerSeedHook' },
  },
} satisfies TrainingKeys;

test('mmdet’s schedule for 12 epochs', () => {
  const recipe = recipeOf({
    ...SCHEDULE_1X,
    default_hooks: {
      ...SCHEDULE_1X.default_hooks,
      logger: { type: 'LoggerHook', interval: 50 },
      checkpoint: { type: 'mmengine.hooks.CheckpointHook', interval: 1 },
      visualization: { type: 'DetVisualizationHook' },
    },
    env_cfg: { cudnn_benchmark: false },
    visualizer: null,
  });
  expect(recipe).toMatchObject({
    loop: { unit: 'epochs', length: 12 },
    logger: { interval: 50, ignoreLast: true },
    checkpoints: { every: { unit: 'epochs', interval: 1, begin: 0 }, keep: 0, best: { metric: 'auto' } },
    earlyStopping: undefined,
    average: undefined,
    seed: undefined,
    baseBatchSize: undefined,
    unfollowed: ['env_cfg', 'default_hooks.visualization (DetVisualizationHook)'],
  });
  expect(recipe.paramScheduler.map(({ type }) => type)).toEqual(['LinearLR', 'MultiStepLR']);
});

test('mmseg’s schedule in iterations, an average, early stopping, and what is not followed', () => {
  const recipe = recipeOf({
    train_cfg: { type: 'IterBasedTrainLoop', max_iters: 40000, val_interval: 4000 },
    optim_wrapper: { type: 'AmpOptimWrapper', loss_scale: 'dynamic', optimizer: { type: 'AdamW' }, clip_grad: null },
    param_scheduler: { type: 'PolyLR', eta_min: 1e-4, power: 0.9, begin: 0, end: 40000, by_epoch: false },
    default_hooks: {
      checkpoint: {
        type: 'CheckpointHook',
        by_epoch: false,
        interval: 4000,
        max_keep_ckpts: 3,
        save_best: ['mIoU', 'mAcc'],
        rule: 'greater',
        out_dir: 'elsewhere',
        save_optimizer: false,
      },
      param_scheduler: null,
    },
    custom_hooks: [
      {
        type: 'EMAHook',
        ema_type: 'ExpMomentumEMA',
        momentum: 0.001,
        update_buffers: true,
        begin_epoch: 3,
        priority: 49,
      },
      { type: 'EarlyStoppingHook', monitor: 'mIoU', min_delta: 0.001 },
      { type: 'PipelineSwitchHook', switch_epoch: 280 },
    ],
    randomness: { seed: 7 },
    auto_scale_lr: { enable: true, base_batch_size: 32 },
  });
  expect(recipe).toMatchObject({
    loop: { unit: 'iterations', length: 40000, validation: { begin: 1, intervals: [[0, 4000]] } },
    checkpoints: { every: { unit: 'iterations', interval: 4000 }, keep: 3, best: { metric: 'mIoU', rule: 'greater' } },
    average: { config: { type: 'ExpMomentumEMA', momentum: 0.001, gamma: 2000 }, begin: { unit: 'epochs', at: 3 } },
    earlyStopping: { config: { monitor: 'mIoU', patience: 5 }, path: 'custom_hooks.1' },
    seed: 7,
    baseBatchSize: 32,
    unfollowed: [
      'optim_wrapper.type (AmpOptimWrapper: everything is computed in float32)',
      'default_hooks.param_scheduler (null)',
      'default_hooks.checkpoint.out_dir',
      'default_hooks.checkpoint.save_optimizer',
      'default_hooks.checkpoint.save_best.1',
      'custom_hooks.2 (PipelineSwitchHook)',
    ],
  });
});

test('a recipe is read from a config file, with overrides', async () => {
  const config = await readConfig(new URL('../fixtures/training/schedule_1x.py', import.meta.url).pathname, [
    'optim_wrapper.optimizer.lr=0.01',
  ]);
  const { loop, optimWrapper } = readTrainingRecipe(config);
  expect(loop.length).toBe(12);
  expect(optimWrapper.optimizer).toMatchObject({ type: 'SGD', lr: 0.01, momentum: 0.9 });
});

describe('a wrong recipe is said with its path', () => {
  const early = { type: 'EarlyStoppingHook', monitor: 'quality' };
  test.each<[ConfigObject, RegExp]>([
    [{}, /^train_cfg: expected how the model is trained, but the key is missing\. For example/],
    [{ runner: { type: 'EpochBasedRunner' } }, /^train_cfg: .*The config has runner\. What mmdet 2/],
    [{ train_cfg: SHORT.train_cfg }, /^optim_wrapper: expected how the model is trained/],
    [{ ...SHORT, train_cfg: { type: 'Loop' } }, /^train_cfg\.type: expected .*EpochBasedTrainLoop/],
    [{ ...SHORT, train_cfg: { by_epoch: true, max_iters: 3 } }, /^train_cfg\.max_(?:iters|epochs): /],
    [{ ...SHORT, train_cfg: { ...SHORT.train_cfg, max_epochs: 0 } }, /^train_cfg\.max_epochs: .*Set in a\.json/],
    [{ ...SHORT, optim_wrapper: { optimizer: { type: 'SGD' } } }, /^optim_wrapper\.optimizer\.lr: /],
    [
      { ...SHORT, default_hooks: { checkpoint: { type: 'CheckpointHook', intervall: 1 } } },
      /checkpoint\.intervall: .*'interval'/,
    ],
    [{ ...SHORT, default_hooks: { checkpoint: { interval: 1 } } }, /^default_hooks\.checkpoint\.type: .*missing/],
    [{ ...SHORT, custom_hooks: [early] }, /^custom_hooks\.0\.monitor: expected a metric whose name tells/],
    [{ ...SHORT, custom_hooks: [{ type: 'EMAHook', momentum: 2 }] }, /^custom_hooks\.0\.momentum: /],
    [
      { ...SHORT, custom_hooks: [{ type: 'EMAHook', ema_type: 'EMA' }] },
      /^custom_hooks\.0\.type: .*ExponentialMovingAverage/,
    ],
    [{ ...SHORT, custom_hooks: [{ type: 'EMAHook', begin_iter: 1, begin_epoch: 1 }] }, /begin_iter or begin_epoch/],
    [{ ...SHORT, custom_hooks: 'EMAHook' }, /^custom_hooks: expected a list/],
    [{ ...SHORT, auto_scale_lr: { enable: true } }, /^auto_scale_lr\.base_batch_size: expected a number/],
    [{ ...SHORT, randomness: { seed: -1 } }, /^randomness\.seed: /],
  ])('%j', (value, message) => expect(() => recipeOf(value)).toThrow(message));
});

describe('when', () => {
  const due = (config: unknown, most: number) => {
    const loop = parseTrainLoop(config, { path: 'train_cfg' });
    return Array.from({ length: most }, (_, i) => i + 1).filter((done) => isValidationDue(loop, done));
  };

  test('validation is due: from its beginning on, at its interval, and at the end', () => {
    expect(due({ by_epoch: true, max_epochs: 5 }, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(due({ type: 'EpochBasedTrainLoop', max_epochs: 11, val_interval: 3, val_begin: 4 }, 11)).toEqual([6, 9, 11]);
    const later = { type: 'EpochBasedTrainLoop', max_epochs: 12, val_interval: 5, dynamic_intervals: [[9, 1]] };
    expect(due(later, 12)).toEqual([5, 8, 9, 10, 11, 12]);
    expect(due({ by_epoch: false, max_iters: 2500 }, 2500)).toEqual([1000, 2000, 2500]);
  });

  test('a checkpoint is due', () => {
    const plan = (checkpoint: ConfigObject) =>
      recipeOf({ ...SHORT, default_hooks: { checkpoint: { type: 'CheckpointHook', ...checkpoint } } }).checkpoints;
    const saved = (checkpoint: ConfigObject, unit: 'epochs' | 'iterations') =>
      [1, 2, 3, 4, 5, 6, 7].filter((done) => isCheckpointDue(plan(checkpoint), unit, done));
    expect(saved({ interval: 3 }, 'epochs')).toEqual([3, 6]);
    expect(saved({ interval: 3, save_begin: 2 }, 'epochs')).toEqual([2, 5]);
    expect(saved({ interval: 3, by_epoch: false }, 'iterations')).toEqual([3, 6]);
    expect(saved({ interval: 3 }, 'iterations')).toEqual([]);
    expect(saved({ interval: -1 }, 'epochs')).toEqual([]);
    expect(plan({ save_best: null }).best).toBeUndefined();
  });

  test('training ends', () => {
    const epochs = parseTrainLoop({ by_epoch: true, max_epochs: 5 }, { path: '' });
    expect(trainingLength(epochs, 7)).toEqual({ loop: 'epochs', maxEpochs: 5, maxIterations: 35, epochLength: 7 });
    const iterations = parseTrainLoop({ by_epoch: false, max_iters: 50 }, { path: '' });
    expect(trainingLength(iterations, 7)).toMatchObject({ loop: 'iterations', maxIterations: 50, epochLength: 7 });
  });
});
