import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../../core/errors.js';
import { readTrainingEvents, type TrainingEvent } from '../../../training/events.js';
import { readRunState } from '../../../training/folder/run_state.js';
import { openCheckpoint } from '../../../weights/checkpoint.js';
import { expectSameBytes, finishedRun, RUN_FILES } from './left_run.js';
import { emptyFolder, runTiny, tinyLoader, tinyNetwork, validateTiny } from './tiny_run.js';

/** 3 epochs of 4 batches. */
const STEPS = 12;

const kinds = (events: readonly TrainingEvent[]) => events.map(({ kind }) => kind);
const steps = (events: readonly TrainingEvent[]) => events.filter((event) => event.kind === 'step');
const file = (folder: string, name: string) => readFileSync(join(folder, name));
const logOf = (folder: string) => readTrainingEvents(join(folder, 'log.jsonl'));

describe('a run to its end', () => {
  test('tells what happens in order, and logs it', async () => {
    const folder = emptyFolder();
    const events = await runTiny(folder);
    const epoch = ['step', 'step', 'step', 'step', 'checkpoint', 'validated', 'checkpoint', 'checkpoint'];
    expect(kinds(events)).toEqual(['started', ...epoch, ...epoch, ...epoch, 'finished']);
    expect(await logOf(folder)).toEqual(events);
    expect(events[0]).toEqual({
      kind: 'started',
      iteration: 0,
      iterations: STEPS,
      epochs: 3,
      iterationsOfEpoch: 4,
      batchSize: 2,
      seed: 9,
      parameters: 4,
    });
    expect(steps(events).map(({ epoch, iteration }) => [epoch, iteration])).toEqual(
      Array.from({ length: STEPS }, (_, i) => [1 + Math.floor(i / 4), i + 1]),
    );
    expect(events.at(-1)).toMatchObject({ kind: 'finished', reason: 'completed', epoch: 3, iteration: STEPS });
    expect(readdirSync(folder).toSorted()).toEqual([
      'best.safetensors',
      'last.safetensors',
      'log.jsonl',
      'resume.safetensors',
    ]);
  });

  test('follows the schedules, and steps when enough is accumulated', async () => {
    const events = steps(await runTiny(emptyFolder()));
    expect(events.slice(0, 4).map(({ learningRate }) => learningRate)).toEqual(
      [0.005, 0.0275, 0.05, 0.05].map((rate) => expect.closeTo(rate, 12)),
    );
    expect(events.at(8)?.learningRate).toBeCloseTo(0.005, 12);
    expect(events.flatMap(({ gradientNorm, iteration }) => (gradientNorm === undefined ? [] : [iteration]))).toEqual([
      3, 6, 9, 12,
    ]);
  });

  test('writes the averaged weights as the model, the metrics and the config beside them', async () => {
    const folder = emptyFolder();
    const events = await runTiny(folder);
    using last = await openCheckpoint(join(folder, 'last.safetensors'));
    const state = readRunState(join(folder, 'resume.safetensors'));
    const averaged = state.parts.average?.tensors['average.head.weight']?.data;
    expect([...(last.tensors.get('head.weight')?.read() ?? [])]).toEqual([...(averaged ?? [])]);
    expect(averaged).not.toEqual(state.parts.model?.tensors['head.weight']?.data);
    const validated = events.findLast((event) => event.kind === 'validated');
    expect(last.meta).toMatchObject({ epoch: '3', iteration: '12', metrics: JSON.stringify(validated?.metrics) });
  });

  test('keeps numbered checkpoints where the recipe says so', async () => {
    const folder = emptyFolder();
    const hooks = { checkpoint: { type: 'CheckpointHook', interval: 1, max_keep_ckpts: 2, save_best: null } };
    await runTiny(folder, { recipe: { default_hooks: hooks } });
    const names = readdirSync(folder);
    expect(names.filter((name) => name.startsWith('epoch_')).toSorted()).toEqual([
      'epoch_2.safetensors',
      'epoch_3.safetensors',
    ]);
    expect(names).not.toContain('best.safetensors');
  });

  test('counts iterations where the sampler has no end', async () => {
    const folder = emptyFolder();
    const events = await runTiny(folder, {
      loader: tinyLoader('InfiniteSampler'),
      recipe: {
        train_cfg: { type: 'IterBasedTrainLoop', max_iters: 5, val_interval: 2 },
        param_scheduler: { type: 'PolyLR', by_epoch: false },
      },
    });
    const turns = events.flatMap((event) => (event.kind === 'step' || event.kind === 'validated' ? [event] : []));
    expect(turns.map(({ kind, iteration }) => `${kind} ${iteration}`)).toEqual([
      'step 1',
      'step 2',
      'validated 2',
      'step 3',
      'step 4',
      'validated 4',
      'step 5',
      'validated 5',
    ]);
    expect(new Set(turns.map(({ epoch }) => epoch))).toEqual(new Set([1]));
  });

  test('without a validation there is no best', async () => {
    const folder = emptyFolder();
    const events = await runTiny(folder, { validate: undefined });
    expect(kinds(events)).not.toContain('validated');
    expect(readdirSync(folder)).not.toContain('best.safetensors');
  });

  test('ends early where validation gets no better, and is not begun again by going on', async () => {
    const folder = emptyFolder();
    const recipe = {
      custom_hooks: [{ type: 'EarlyStoppingHook', monitor: 'coco/bbox_mAP', min_delta: 0.9, patience: 1 }],
    };
    const events = await runTiny(folder, { recipe });
    expect(events.at(-1)).toMatchObject({
      kind: 'finished',
      reason: 'early-stopping',
      iteration: 8,
      why: expect.stringContaining('no better'),
    });
    const again = await runTiny(folder, { recipe, resume: true });
    expect(kinds(again)).toEqual(['started', 'finished']);
    expect(again.at(-1)).toMatchObject({ reason: 'early-stopping', iteration: 8 });
  });
});

describe('a run that is left and goes on', () => {
  test('in the middle of an epoch, it ends with the same bytes', async () => {
    const whole = await finishedRun({});
    await expectSameBytes(whole, whole.events.length >> 1);
  });

  test('says where it goes on, and what the config says otherwise than before', async () => {
    const folder = emptyFolder();
    await runTiny(folder, { leaves: ({ kind }) => kind === 'step' });
    const events = await runTiny(folder, {
      resume: true,
      recipe: { train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: 1 } },
    });
    expect(events[0]).toMatchObject({ kind: 'started', iteration: 1, resumedFrom: { epoch: 0, iteration: 1 } });
    expect(events[1]).toMatchObject({
      kind: 'note',
      note: { kind: 'changed-config', examples: ['train_cfg.max_epochs', 'train_cfg.val_interval'] },
    });
  });

  test('stops by a signal, and says so', async () => {
    const folder = emptyFolder();
    const stopping = new AbortController();
    const events = await runTiny(folder, {
      signal: stopping.signal,
      leaves: (event) => {
        if (event.kind === 'step' && event.iteration === 6) stopping.abort();
        return false;
      },
    });
    expect(events.slice(-2)).toMatchObject([
      { kind: 'checkpoint', which: 'last', iteration: 6 },
      { kind: 'finished', reason: 'stopped', iteration: 6 },
    ]);
    expect(readRunState(join(folder, 'resume.safetensors'))).toMatchObject({ epoch: 1, iteration: 6 });
  });

  test('stopped within a validation, it makes that first when it goes on', async () => {
    const folder = emptyFolder();
    const stopping = new AbortController();
    const events = await runTiny(folder, {
      signal: stopping.signal,
      validate: async () => {
        stopping.abort();
        throw stopping.signal.reason;
      },
    });
    expect(events.at(-1)).toMatchObject({ reason: 'stopped', iteration: 4 });
    const resumed = await runTiny(folder, { resume: true });
    expect(kinds(resumed).slice(0, 2)).toEqual(['started', 'validated']);
    const whole = emptyFolder();
    await runTiny(whole);
    for (const name of RUN_FILES) expect(file(folder, name).equals(file(whole, name)), name).toBe(true);
  });

  test('a state of another recipe is refused', async () => {
    const folder = emptyFolder();
    await runTiny(folder, { recipe: { custom_hooks: null }, leaves: ({ kind }) => kind === 'step' });
    await expect(runTiny(folder, { resume: true })).rejects.toThrow(/average: expected what was saved of it/);
  });
});

describe('what goes wrong', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a loss of %s ends the run, naming its pictures', async (value) => {
    const folder = emptyFolder();
    const network = tinyNetwork((iteration) => (iteration === 5 ? value : 0));
    await expect(runTiny(folder, { network })).rejects.toThrow(
      /^training, iteration 6: expected loss_fit, a finite number, but received '?(NaN|Infinity)'?\. The batch: \d\.png, \d\.png\./,
    );
    const { iteration, parts } = readRunState(join(folder, 'resume.safetensors'));
    expect(iteration).toBe(4);
    expect(parts.model?.tensors['head.weight']?.data.every(Number.isFinite)).toBe(true);
  });

  test('a gradient that is none ends it before the weights have it', async () => {
    const network = tinyNetwork();
    const before = Float32Array.from(network.weights['head.weight']?.data ?? []);
    const running = runTiny(emptyFolder(), {
      network: {
        ...network,
        async step(...args) {
          const result = await network.step(...args);
          result.gradients['head.bias']?.data.fill(Number.NaN);
          return result;
        },
      },
    });
    await expect(running).rejects.toThrow(/iteration 1: expected the gradient of head.bias in finite numbers/);
    expect(network.weights['head.weight']?.data).toEqual(before);
  });

  test('a picture that cannot be read ends it with everything before written', async () => {
    const folder = emptyFolder();
    await expect(runTiny(folder, { loader: tinyLoader('DefaultSampler', 0) })).rejects.toThrow('broken picture 0');
    const { iteration } = readRunState(join(folder, 'resume.safetensors'));
    expect(steps(await logOf(folder))).toHaveLength(iteration);
    await runTiny(folder, { resume: true });
    const whole = emptyFolder();
    await runTiny(whole);
    expect(file(folder, 'resume.safetensors').equals(file(whole, 'resume.safetensors'))).toBe(true);
  });

  test('where there is no room, the checkpoint before is there still', async () => {
    const folder = emptyFolder();
    let writes = 0;
    const running = runTiny(folder, {
      validate: undefined,
      changes: (setup) => ({
        ...setup,
        folder: {
          ...setup.folder,
          async writeLast(...args) {
            writes++;
            if (writes === 2) throw new LowformerError({ code: 'unwritable-file', where: 'last', expected: 'room' });
            await setup.folder.writeLast(...args);
          },
        },
      }),
    });
    await expect(running).rejects.toThrow('last: expected room');
    expect(writes).toBe(2);
    expect(readRunState(join(folder, 'resume.safetensors')).iteration).toBe(4);
  });

  test('a validation that fails loses nothing', async () => {
    const folder = emptyFolder();
    const failing = runTiny(folder, {
      validate: async (weights, at) => {
        if (at.epoch === 2) throw new Error('no such folder');
        return validateTiny(weights, at);
      },
    });
    await expect(failing).rejects.toThrow('no such folder');
    expect(kinds(await runTiny(folder, { resume: true })).slice(0, 2)).toEqual(['started', 'validated']);
  });

  test('a metric that validation does not give is named', async () => {
    const hooks = { checkpoint: { type: 'CheckpointHook', save_best: 'mIoU' } };
    await expect(runTiny(emptyFolder(), { recipe: { default_hooks: hooks } })).rejects.toThrow(
      /save_best: expected a metric that validation gives \(coco\/bbox_mAP\) but received 'mIoU'/,
    );
  });

  test('epochs of a sampler without end are refused before the first step', async () => {
    await expect(runTiny(emptyFolder(), { loader: tinyLoader('InfiniteSampler') })).rejects.toThrow(
      /train_dataloader\.sampler\.type: expected DefaultSampler with EpochBasedTrainLoop/,
    );
  });

  test('a report that cannot be written is noted, and training goes on', async () => {
    const events = await runTiny(emptyFolder(), {
      report: async () => {
        throw new Error('no ink');
      },
    });
    expect(events.filter((event) => event.kind === 'note')).toHaveLength(4);
    expect(events.at(-1)).toMatchObject({ reason: 'completed' });
  });

  test('two runs in one folder are refused', async () => {
    const folder = emptyFolder();
    await runTiny(folder, {
      leaves: () => false,
      validate: async (weights, at) => {
        await expect(runTiny(folder, { resume: true })).rejects.toThrow(/no other training run in this folder/);
        return validateTiny(weights, at);
      },
    });
    await expect(runTiny(folder)).rejects.toThrow(/a folder without a training run/);
  });
});
