/** What a run would take, from its first steps. */
import { describe, expect, test } from 'vitest';
import { sourced } from '../../../registry/config_tree.js';
import { dryRun } from '../../../training/dry_run/dry_run.js';
import { runCounts } from '../../../training/dry_run/run_counts.js';
import { timedValidation } from '../../../training/dry_run/timed_validation.js';
import { readTrainingRecipe } from '../../../training/recipe/recipe.js';
import { parseTrainLoop } from '../../../training/recipe/train_loop.js';
import type { Validate } from '../../../training/validation/validation.js';
import { RECIPE, tinyLoader, tinyNetwork } from '../loop/tiny_run.js';

const recipe = readTrainingRecipe({ ...sourced(RECIPE, 'test'), sources: ['test'] });
const setup = { recipe, seed: 9, batchSize: 2, epochLength: 4, workers: 0 };

test('steps are made, losses told, and times put together', async () => {
  const network = tinyNetwork();
  const found = await dryRun({ ...setup, network, loader: tinyLoader() });
  expect(found).toMatchObject({
    steps: 12,
    epochs: 3,
    validations: 3,
    batchSize: 2,
    parameters: 4,
    validation: undefined,
  });
  expect(Object.keys(found.losses)).toEqual(['loss_fit']);
  expect(found.sizes).toHaveLength(3);
  expect(found.seconds).toBeCloseTo(12 * (found.secondsOfStep + found.secondsOfBatch), 6);
  expect(found.peakBytes).toBeGreaterThan(1e7);
  // Weights (6 numbers), the two moments and the sums of AdamW, the average, and the model.
  expect(found.fileBytes).toBeGreaterThanOrEqual(4 * (6 + 8 + 4 + 6));
  // It went on with the optimiser: three batches make a step.
  expect(network.weights['bn.num_batches_tracked']?.data[0]).toBe(3);
});

test('where threads prepare the batches, the slower of the two counts', async () => {
  const found = await dryRun({ ...setup, workers: 2, network: tinyNetwork(), loader: tinyLoader() });
  expect(found.seconds).toBeCloseTo(12 * Math.max(found.secondsOfStep, found.secondsOfBatch), 6);
});

test('a validation is given up after its first pictures, and told whole', async () => {
  const timed = timedValidation();
  let seen = 0;
  const validate: Validate = async (_, at, signal) => {
    timed.watcher.started?.(at, 1600);
    for (let i = 0; i < 1600; i++) {
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 2));
      seen++;
      await timed.watcher.picture?.({
        position: i,
        file: '',
        image: EMPTY,
        result: { kind: 'detection', width: 1, height: 1, detections: [] },
      });
    }
    return { metrics: {}, notes: [] };
  };
  const found = await dryRun({
    ...setup,
    network: tinyNetwork(),
    loader: tinyLoader(),
    validation: { validate, timed },
  });
  expect(seen).toBe(16);
  expect(found.validation?.pictures).toBe(1600);
  expect(found.validation?.seconds).toBeGreaterThan(3);
  expect(found.seconds).toBeGreaterThan(3 * (found.validation?.seconds ?? 0));
});

test('a validation that fails is told', async () => {
  const validate: Validate = async () => {
    throw new Error('no such picture');
  };
  const validation = { validate, timed: timedValidation() };
  await expect(dryRun({ ...setup, network: tinyNetwork(), loader: tinyLoader(), validation })).rejects.toThrow(
    'no such picture',
  );
});

describe('validations of a run', () => {
  test.each([
    [
      { type: 'EpochBasedTrainLoop', max_epochs: 10, val_interval: 3 },
      { steps: 50, epochs: 10, validations: 4 },
    ],
    [
      { type: 'EpochBasedTrainLoop', max_epochs: 10, val_begin: 9 },
      { steps: 50, epochs: 10, validations: 2 },
    ],
    [
      { type: 'IterBasedTrainLoop', max_iters: 2500 },
      { steps: 2500, epochs: undefined, validations: 3 },
    ],
    [
      { type: 'EpochBasedTrainLoop', max_epochs: 10, val_interval: 5, dynamic_intervals: [[8, 1]] },
      { steps: 50, epochs: 10, validations: 5 },
    ],
  ])('%j', (given, expected) => {
    expect(runCounts(parseTrainLoop(given, { path: 'train_cfg' }), 5)).toEqual(expected);
  });
});

const EMPTY = { width: 1, height: 1, data: new Uint8Array(3) };
