import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadModel } from '../../models/load_model.js';
import { readTrainingEvents, type TrainingEvent } from '../../training/events.js';
import { readRunState } from '../../training/folder/run_state.js';
import { type TrainingConfig, type TrainOptions, train } from '../../training/train.js';
import { tinyDetector, tinySegmentor, writeTinySet } from './tiny_training.js';

/** Networks start in threads, again and again; a busy machine takes its time. */
vi.setConfig({ testTimeout: 240_000 });

let data = '';
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'lowformer-train-'));
  await writeTinySet(data);
  return () => rmSync(data, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lowformer-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'run');
}

/** @param until ends the run by leaving it. */
async function run(
  config: TrainingConfig,
  options: TrainOptions,
  until: (event: TrainingEvent) => boolean = () => false,
): Promise<readonly TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of train(config, { threads: 1, ...options })) {
    events.push(event);
    if (until(event)) break;
  }
  return events;
}

const sameNumbers = (some: Float32Array, others: Float32Array | undefined) =>
  some.every((value, i) => value === others?.[i]);

const afterStep = (iteration: number) => (event: TrainingEvent) =>
  event.kind === 'step' && event.iteration === iteration;

describe('a tiny set, trained to the end', () => {
  test('by a detector: its losses fall, and its folder is a model', async () => {
    const workDir = newFolder();
    const events = await run(tinyDetector(data, { epochs: 12 }), { workDir });
    const losses = events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []));
    const mean = (some: readonly number[]) => some.reduce((sum, loss) => sum + loss, 0) / some.length;
    expect(losses).toHaveLength(48);
    expect(mean(losses.slice(-4))).toBeLessThan(0.7 * mean(losses.slice(0, 4)));
    expect(events.at(-1)).toMatchObject({ kind: 'finished', reason: 'completed', epoch: 12, iteration: 48 });
    const validated = events.filter((event) => event.kind === 'validated');
    expect(validated.map(({ epoch, metrics }) => [epoch, 'coco/bbox_mAP' in metrics])).toEqual(
      [6, 12].map((epoch) => [epoch, true]),
    );
    expect(await readTrainingEvents(join(workDir, 'log.jsonl'))).toEqual(events);
    expect(JSON.parse(readFileSync(join(workDir, 'config.json'), 'utf8'))).toMatchObject({ randomness: { seed: 0 } });
    expect(readFileSync(join(workDir, 'report.html'), 'utf8')).toContain('Completed: 48 of 48 iterations.');
    await using model = await loadModel(workDir, { threads: 1 });
    expect(await model.predict(join(data, 'images', '0.png'))).toMatchObject({ kind: 'detection' });
  });

  test('by a segmentor, in iterations, and goes on where it was left', async () => {
    const [whole, left] = [newFolder(), newFolder()];
    const events = await run(tinySegmentor(data), { workDir: whole, seed: 4 });
    expect(events.findLast((event) => event.kind === 'validated')?.metrics).toHaveProperty('mIoU');
    await run(tinySegmentor(data), { workDir: left, seed: 4 }, afterStep(2));
    await run(tinySegmentor(data), { workDir: left, resume: true });
    for (const name of ['last.safetensors', 'best.safetensors', 'resume.safetensors', 'config.json']) {
      expect(readFileSync(join(left, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
    }
  });
});

const NO_VALIDATION = ['val_dataloader=null', 'val_evaluator=null'];

test('what is frozen stands still, and is there in a run that goes on', async () => {
  const cfgOptions = ['model.backbone.frozen_stages=1', 'train_cfg.max_epochs=1', ...NO_VALIDATION];
  const [whole, left] = [newFolder(), newFolder()];
  const weights = () => readRunState(join(left, 'resume.safetensors')).parts.model?.tensors ?? {};
  await run(tinyDetector(data), { workDir: whole, cfgOptions });
  await run(tinyDetector(data), { workDir: left, cfgOptions }, afterStep(1));
  const before = weights();
  await run(tinyDetector(data), { workDir: left, cfgOptions, resume: true });
  const moved = Object.entries(weights()).filter(([name, { data }]) => !sameNumbers(data, before[name]?.data));
  const names = moved.map(([name]) => name);
  expect(names).toContain('backbone.stages.1.op_list.0.main.point_conv.conv.weight');
  expect(names.filter((name) => /^backbone\.(input_stem|stages\.0)\./.test(name))).toEqual([]);
  const resumed = readFileSync(join(left, 'resume.safetensors'));
  expect(resumed.equals(readFileSync(join(whole, 'resume.safetensors')))).toBe(true);
});

test('on TensorFlow.js as on ONNX Runtime', async () => {
  const losses = async (engine: 'onnxruntime' | 'tfjs') => {
    const options = { workDir: newFolder(), engine, cfgOptions: NO_VALIDATION };
    const events = await run(tinySegmentor(data, { iterations: 3 }), options);
    return events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []));
  };
  const [onnx, tfjs] = [await losses('onnxruntime'), await losses('tfjs')];
  expect(tfjs).toEqual(onnx.map((loss) => expect.closeTo(loss, 3)));
});

describe('what is wrong is told before the first step', () => {
  test('a config without a recipe', async () => {
    const folder = newFolder();
    const config = tinyDetector(data);
    const running = run(config, { workDir: folder, cfgOptions: ['train_cfg=null'] });
    await expect(running).rejects.toThrow('train_cfg: expected how the model is trained');
    expect(existsSync(folder)).toBe(false);
  });

  test('a class that the data has not', async () => {
    const running = run(tinyDetector(data), {
      workDir: newFolder(),
      cfgOptions: ["metainfo.classes=['round','oval']"],
    });
    await expect(running).rejects.toThrow(/oval/);
  });

  test('an option that is none', async () => {
    const options = { workDir: newFolder(), sed: 4 };
    await expect(run(tinyDetector(data), options)).rejects.toThrow(/options\.sed: .*seed/);
  });
});
