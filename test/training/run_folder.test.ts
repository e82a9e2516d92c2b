import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { thisProcess } from '../../files/process_owner.js';
import { parsePart } from '../../registry/parse_module.js';
import { averageSchema } from '../../training/averaging/averages.js';
import { createMovingAverage } from '../../training/averaging/moving_average.js';
import { type ModelFacts, readModelConfig } from '../../training/folder/model_file.js';
import { openRunFolder, type RunFolder } from '../../training/folder/run_folder.js';
import { openRunLog, readRunLog } from '../../training/folder/run_log.js';
import { type RunState, readRunState, writeRunState } from '../../training/folder/run_state.js';
import { createOptimWrapper } from '../../training/optim_wrapper/optim_wrapper.js';
import { optimWrapperSchema } from '../../training/optim_wrapper/schema.js';
import { parseParamScheduler } from '../../training/schedules/index.js';
import { createParamSchedulers } from '../../training/schedules/param_schedulers.js';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { readSafetensors } from '../../weights/safetensors.js';
import { needs } from '../needs.js';
import { gradientsOf, networkOf } from './fixtures.js';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const facts: ModelFacts = {
  config: { model: { type: 'RetinaNet' }, metainfo: { classes: ['çat', 'dog'] } },
  metaInfo: {
    classes: ['çat', 'dog'],
    palette: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  },
  epoch: 2,
  iteration: 14,
  metrics: { 'coco/bbox_mAP': 0.5 },
};
const weights = (value: number, length = 4) => ({
  'head.weight': { shape: [length], data: new Float32Array(length).fill(value) },
});
const state = (iteration: number): RunState => ({ epoch: 1, iteration, seed: 3, config: '{}', parts: {} });

describe('a run’s folder', () => {
  test('has the last model with config and class names inside, and the state to go on from', async () => {
    const folder = newFolder();
    await using run = await openRunFolder(folder, false);
    expect(run.resumed).toBeUndefined();
    await run.writeLast(weights(1), facts, state(14));
    await run.writeBest(weights(2), facts);
    expect(readdirSync(folder).sort()).toEqual([
      'best.safetensors',
      'last.safetensors',
      'resume.safetensors',
      'training.lock',
    ]);
    using last = await openCheckpoint(run.files.last);
    expect([...last.tensors.keys()]).toEqual(['head.weight']);
    expect(last.dataset).toEqual(facts.metaInfo);
    expect(last.meta).toMatchObject({ format: 'pt', epoch: '2', iteration: '14', metrics: '{"coco/bbox_mAP":0.5}' });
    expect(await readModelConfig(run.files.best)).toEqual(facts.config);
    expect(await readModelConfig(run.files.resume)).toEqual({});
    expect((await readSafetensors(run.files.best))['head.weight']?.data[0]).toBe(2);
  });

  test('is one run’s at a time, and not overwritten by another', async () => {
    const folder = join(newFolder(), 'new', 'run');
    {
      await using run = await openRunFolder(folder, true);
      await expect(openRunFolder(folder, false)).rejects.toThrow(
        /training: expected no other training run in this folder at the same time\. Process \d+ on this machine holds it/,
      );
      await run.writeLast(weights(1), facts, state(14));
    }
    await expect(openRunFolder(folder, false)).rejects.toThrow(
      /expected a folder without a training run, but .+resume\.safetensors is there\. Let that run go on/,
    );
    await using again = await openRunFolder(folder, true);
    expect(again.resumed).toEqual(state(14));
    expect(again.takenOver).toBeUndefined();
  });

  test('of a run that was killed is taken over', async () => {
    const folder = newFolder();
    const { pid } = spawnSync(process.execPath, ['--version']);
    const left = {
      ...thisProcess(),
      pid,
      started: '',
      host: 'here',
      since: '2026-01-02T03:04:05.000Z',
      token: 'other',
    };
    writeFileSync(join(folder, 'training.lock'), JSON.stringify(left));
    await using run = await openRunFolder(folder, true);
    expect(run.takenOver).toMatch(/is gone: it is taken over/);
    expect(run.resumed).toBeUndefined();
  });

  test('keeps as many numbered checkpoints as it is told to', async () => {
    const folder = newFolder();
    await using run = await openRunFolder(folder, false);
    const numbered = () => readdirSync(folder).filter((name) => /_\d/.test(name));
    const write = async (keep: number, epochs: readonly number[], unit: 'epochs' | 'iterations' = 'epochs') => {
      for (const epoch of epochs) await run.writeNumbered(unit, keep, weights(epoch), { ...facts, epoch });
    };
    await write(0, [1, 2]);
    expect(numbered()).toEqual([]);
    await write(2, [8, 9, 10, 11]);
    await write(2, [11], 'iterations');
    expect(numbered().sort()).toEqual(['epoch_10.safetensors', 'epoch_11.safetensors', 'iter_14.safetensors']);
    await write(-1, [12, 13]);
    expect(numbered()).toHaveLength(5);
  });
});

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const mount = (folder: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]).status === 0;
const canMount =
  isRoot &&
  (() => {
    const folder = mkdtempSync(join(tmpdir(), 'lowformer-mount-'));
    const mounted = mount(folder);
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true });
    return mounted;
  })();

test('on a full disk the checkpoints that are there stay', needs('root', canMount), async () => {
  const folder = newFolder();
  mount(folder);
  onTestFinished(() => void spawnSync('umount', [folder]));
  let run: RunFolder | undefined = await openRunFolder(folder, false);
  await run.writeLast(weights(1, 1000), facts, state(14));
  await expect(run.writeLast(weights(2, 400_000), facts, state(20))).rejects.toThrow(
    /last\.safetensors: expected a place that can be written to\. The disk is full\. Nothing was written\.$/,
  );
  await run[Symbol.asyncDispose]();
  run = undefined;
  expect(readdirSync(folder).sort()).toEqual(['last.safetensors', 'resume.safetensors']);
  expect((await readSafetensors(join(folder, 'last.safetensors')))['head.weight']?.data[0]).toBe(1);
  await using again = await openRunFolder(folder, true);
  expect(again.resumed?.iteration).toBe(20);
});

/** What training does without a network: gradients by the formula instead. */
async function train(until: number, stops: readonly number[]) {
  const folder = newFolder();
  const path = join(folder, 'resume.safetensors');
  const length = { loop: 'epochs', maxEpochs: 4, maxIterations: 28, epochLength: 7 } as const;
  const start = () => {
    const model = networkOf('resume');
    const config = { optimizer: { type: 'AdamW', lr: 0.01 }, accumulative_counts: 2, clip_grad: { max_norm: 1 } };
    const wrapper = createOptimWrapper(parsePart(optimWrapperSchema, config, { path: '' }), model, {
      maxIterations: length.maxIterations,
    });
    const schedule = [
      { type: 'LinearLR', by_epoch: false, end: 5 },
      { type: 'CosineAnnealingLR', begin: 1 },
    ];
    const schedulers = createParamSchedulers(
      parseParamScheduler(schedule, { path: '' }),
      [wrapper.base, ...wrapper.learningRates],
      length,
    );
    const average = createMovingAverage(
      parsePart(averageSchema, { momentum: 0.1 }, { path: '' }),
      model.map((parameter) => ({ ...parameter, kind: 'parameter' as const })),
    );
    return { model, parts: { wrapper, schedulers, average } };
  };
  let { model, parts } = start();
  for (let iteration = 0; iteration < until; iteration++) {
    parts.wrapper.update(gradientsOf(model, (key) => `resume.${key}.${iteration}`));
    parts.average.update(true);
    parts.schedulers.afterIteration();
    if ((iteration + 1) % length.epochLength === 0) parts.schedulers.afterEpoch();
    if (!stops.includes(iteration)) continue;
    const tensors = Object.fromEntries(model.map(({ name, shape, data }) => [name, { shape, data }]));
    const saved = Object.entries(parts).map(([name, part]) => [name, part.state()] as const);
    await writeRunState(path, {
      ...state(iteration),
      parts: { model: { tensors, values: null }, ...Object.fromEntries(saved) },
    });
    ({ model, parts } = start());
    const found = readRunState(path).parts;
    for (const { name, data } of model) data.set(found.model?.tensors[name]?.data ?? []);
    for (const [name, part] of Object.entries(parts)) part.restore(found[name] ?? { tensors: {}, values: null });
  }
  return [model.map(({ data }) => data), [...parts.average.averaged.values()].map(({ data }) => data)];
}

test('a run that goes on from its state ends in the same weights, to the last bit', async () => {
  const whole = await train(28, []);
  expect(await train(28, [0, 3, 6, 13, 14, 26])).toEqual(whole);
});

test('what is no state of a run is refused', async () => {
  const folder = newFolder();
  await using run = await openRunFolder(folder, false);
  await run.writeBest(weights(1), facts);
  expect(() => readRunState(run.files.best)).toThrow(/best\.safetensors: expected the state of a training run/);
  expect(() => readRunState(join(folder, 'none'))).toThrow(/There is no such file/);
});

describe('a run’s log', () => {
  test('has a line for each thing, and numbers that JSON has not as texts', async () => {
    const path = join(newFolder(), 'log.jsonl');
    {
      await using log = await openRunLog(path, 0);
      await log.write({ iteration: 10, kind: 'train', loss: 0.5, losses: { loss_cls: Number.NaN } });
      await log.write({ iteration: 20, kind: 'train', loss: Number.POSITIVE_INFINITY });
    }
    expect(readFileSync(path, 'utf8')).toBe(
      '{"iteration":10,"kind":"train","loss":0.5,"losses":{"loss_cls":"NaN"}}\n{"iteration":20,"kind":"train","loss":"Infinity"}\n',
    );
  });

  test('goes on where the run does: what was logged later, and half a line, are taken back', async () => {
    const path = join(newFolder(), 'log.jsonl');
    {
      await using log = await openRunLog(path, 0);
      for (const iteration of [10, 20, 30]) await log.write({ iteration });
    }
    appendFileSync(path, '{"iteration":4');
    expect(await readRunLog(path)).toEqual([{ iteration: 10 }, { iteration: 20 }, { iteration: 30 }]);
    {
      await using log = await openRunLog(path, 20);
      await log.write({ iteration: 30, again: true });
    }
    expect(await readRunLog(path)).toEqual([{ iteration: 10 }, { iteration: 20 }, { iteration: 30, again: true }]);
    await (await openRunLog(path, 0))[Symbol.asyncDispose]();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  test('says where it is none', async () => {
    const path = join(newFolder(), 'log.jsonl');
    expect(await readRunLog(path)).toEqual([]);
    writeFileSync(path, '{"iteration":1}\nhello\n');
    await expect(readRunLog(path)).rejects.toThrow(/log\.jsonl:2: expected a line of a training run's log, as JSON/);
  });
});
