/** A run without pictures: a linear map that is fitted to numbers, with all that moves in a real one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Tensors, tensor } from '../../../core/tensor.js';
import { xoshiro } from '../../../core/xoshiro.js';
import { type ConfigObject, sourced } from '../../../registry/config_tree.js';
import type { TrainingEvent } from '../../../training/events.js';
import { openRunFolder } from '../../../training/folder/run_folder.js';
import type { TrainingLoader } from '../../../training/loading/loader.js';
import type { TrainingBatch } from '../../../training/loading/prepare.js';
import { type BatchPlan, batchesOfEpoch, plannedBatches } from '../../../training/loading/samplers.js';
import type { LoopSetup, SteppedNetwork } from '../../../training/loop/loop_setup.js';
import { trainLoop } from '../../../training/loop/train_loop.js';
import { readTrainingRecipe } from '../../../training/recipe/recipe.js';
import type { Validate } from '../../../training/validation/validation.js';

const PICTURES = 7;
const BATCH = 2;
const INPUTS = 3;

/** Everything that a run may have to keep: momentum, accumulation, clipping, both kinds of schedules, an average. */
export const RECIPE: ConfigObject = {
  train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: 3, val_interval: 1 },
  optim_wrapper: {
    optimizer: { type: 'AdamW', lr: 0.05, weight_decay: 0.01 },
    accumulative_counts: 3,
    clip_grad: { max_norm: 1 },
  },
  param_scheduler: [
    { type: 'LinearLR', start_factor: 0.1, by_epoch: false, end: 3 },
    { type: 'MultiStepLR', milestones: [2], by_epoch: true },
  ],
  custom_hooks: [{ type: 'EMAHook', momentum: 0.1, begin_iter: 3 }],
};

/** @param spoil makes a loss of an iteration, counted from 0, what it is not. */
export function tinyNetwork(spoil: (iteration: number) => number = () => 0): SteppedNetwork {
  const weight = tensor([INPUTS], Float32Array.of(0.5, -0.25, 1));
  const weights: Tensors = {
    'head.weight': weight,
    'head.bias': tensor([1], Float32Array.of(0)),
    'bn.running_mean': tensor([1], Float32Array.of(0)),
    'bn.num_batches_tracked': tensor([], Float32Array.of(0)),
  };
  const [bias, mean, tracked] = ['head.bias', 'bn.running_mean', 'bn.num_batches_tracked'].map(
    (name) => weights[name]?.data ?? new Float32Array(1),
  );
  return {
    parameters: ['head.weight', 'head.bias'].map((name) => ({
      name,
      module: 'other',
      ...(weights[name] ?? tensor([0], new Float32Array())),
    })),
    weights,
    async step({ input: { data } }, { seed, iteration }) {
      const keep = xoshiro(seed, iteration).uniform(0.5, 1);
      const gradient = new Float32Array(INPUTS);
      const gradientOfBias = new Float32Array(1);
      let loss = 0;
      for (let i = 0; i < data.length; i += INPUTS) {
        const x = data.subarray(i, i + INPUTS);
        const said = keep * x.reduce((sum, value, j) => sum + value * (weight.data[j] ?? 0), bias?.[0] ?? 0);
        const off = said - x.reduce((sum, value) => sum + value, 0);
        loss += off * off;
        x.forEach((value, j) => {
          gradient[j] = (gradient[j] ?? 0) + 2 * off * keep * value;
        });
        gradientOfBias[0] = (gradientOfBias[0] ?? 0) + 2 * off * keep;
        if (mean !== undefined) mean[0] = 0.9 * (mean[0] ?? 0) + 0.1 * said;
      }
      if (tracked !== undefined) tracked[0] = (tracked[0] ?? 0) + 1;
      const spoilt = loss + spoil(iteration);
      return {
        losses: { loss_fit: spoilt },
        logged: { acc: keep },
        loss: spoilt,
        gradients: {
          'head.weight': { shape: [INPUTS], data: gradient },
          'head.bias': { shape: [1], data: gradientOfBias },
        },
      };
    },
  };
}

const PLAN: BatchPlan = {
  sampler: 'DefaultSampler',
  shuffle: true,
  seed: 3,
  batchSize: BATCH,
  dropLast: false,
  byAspectRatio: false,
};

/** @param broken picture, counted from 0, whose batch cannot be prepared. */
export function tinyLoader(sampler: BatchPlan['sampler'] = 'DefaultSampler', broken?: number): TrainingLoader {
  const plan = { ...PLAN, sampler };
  const pictures = { places: Int32Array.from({ length: PICTURES }, (_, i) => i) };
  return {
    batchesOfEpoch: batchesOfEpoch(plan, pictures),
    async *batches(from) {
      for (const planned of plannedBatches(plan, pictures, from)) {
        if (broken !== undefined && planned.pictures.includes(broken)) throw new Error(`broken picture ${broken}`);
        const values = planned.pictures.flatMap((picture) => [Math.sin(picture), Math.cos(picture), 0.1 * picture]);
        const batch: TrainingBatch = {
          ...planned,
          input: tensor([values.length / INPUTS, INPUTS], Float32Array.from(values)),
          transforms: [],
          files: planned.pictures.map((picture) => `${picture}.png`),
        };
        yield batch;
      }
      return undefined;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** How near the weights are to what they are fitted to. */
export const validateTiny: Validate = async (weights) => {
  const off = weights['head.weight']?.data.reduce((sum, value) => sum + Math.abs(value - 1), 0) ?? 0;
  return { metrics: { 'coco/bbox_mAP': 1 / (1 + off) }, notes: [] };
};

export interface TinyOptions extends Partial<Omit<LoopSetup, 'folder' | 'recipe'>> {
  readonly recipe?: ConfigObject;
  readonly resume?: boolean;
  /** Gets each event; what it says ends the run there. */
  readonly leaves?: (event: TrainingEvent) => boolean;
  readonly changes?: (setup: LoopSetup) => LoopSetup;
}

/** Runs in a folder, to the end or until it is left. */
export async function runTiny(folder: string, options: TinyOptions = {}): Promise<readonly TrainingEvent[]> {
  const { recipe: changed = {}, resume = false, leaves = () => false, changes = (setup) => setup, ...rest } = options;
  const config = { ...RECIPE, ...changed };
  await using held = await openRunFolder(folder, resume);
  const setup = changes({
    network: tinyNetwork(),
    loader: tinyLoader(),
    recipe: readTrainingRecipe({ ...sourced(config, 'test'), sources: ['test'] }),
    folder: held,
    facts: { config, metaInfo: { classes: ['one'] } },
    seed: 9,
    batchSize: BATCH,
    epochLength: Math.ceil(PICTURES / BATCH),
    validate: validateTiny,
    ...rest,
  });
  const events: TrainingEvent[] = [];
  for await (const event of trainLoop(setup)) {
    events.push(event);
    if (leaves(event)) break;
  }
  return events;
}

export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-loop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'run');
}
