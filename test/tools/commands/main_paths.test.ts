/** The main path of commands whose own tests take long (`test/slow_files.ts`), on networks and pictures that are tiny. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../../tasks/build_model.js';
import { readSafetensors, writeSafetensors } from '../../../weights/safetensors.js';
import { formulaInput } from '../../formula_weights.js';
import { lowformer, temporaryFolder } from '../command_line.js';
import { detector, drawPicture, segmentor, writeModel, writePicture } from '../tiny_models.js';
import { writeTinyTrainings } from '../training/tiny_training.js';

const cwd = temporaryFolder();

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lowformer(args, { cwd });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

beforeAll(async () => {
  await writeTinyTrainings(cwd);
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  mkdirSync(join(cwd, 'pictures'));
  for (const shade of [40, 80]) await writePicture(join(cwd, 'pictures', `${shade}.png`), drawPicture(96, 64, shade));
});

test('train: two steps, and the folder detects', async () => {
  const short = ['train_cfg.max_epochs=1', 'train_dataloader.batch_size=4'];
  await run('train', 'detection.json', '--work-dir', 'cells', '--cfg-options', ...short);
  const log = readFileSync(join(cwd, 'cells/log.jsonl'), 'utf8').trim().split('\n');
  expect(log.map((line) => JSON.parse(line).kind)).toEqual(expect.arrayContaining(['step', 'validated', 'finished']));
  expect(JSON.parse(await run('detect', 'cells', 'images', '--quiet'))).toHaveLength(7);
});

test('evaluate: boxes against annotations, label maps against label maps', async () => {
  const weights = (name: string) => [`${name}.json`, '--checkpoint', `${name}.safetensors`];
  const boxes = await run(
    ...['evaluate', 'detection.json', '--checkpoint', 'cells/last.safetensors', '--images', 'images'],
    ...['--annotations', 'annotations.json', '--json', '-', '--quiet'],
  );
  expect(JSON.parse(boxes)).toMatchObject({ stats: { AP: expect.any(Number) } });
  await run('segment', ...weights('seg'), 'pictures', '--out', 'maps', '--quiet');
  const maps = ['--images', 'pictures', '--annotations', 'maps'];
  const labels = JSON.parse(await run('evaluate', ...weights('seg'), ...maps, '--json', '-', '--quiet'));
  // What it predicts is the truth here.
  expect(labels).toMatchObject({ mIoU: 1 });
});

test('gradients: losses and the gradient of every parameter', async () => {
  const shape = [1, 3, 64, 64];
  await writeSafetensors(join(cwd, 'in.safetensors'), { input: { shape, data: formulaInput('input', shape) } });
  writeFileSync(join(cwd, 'targets.json'), JSON.stringify({ boxes_xyxy: [[[8, 8, 40, 40]]], labels: [[1]] }));
  const batch = ['--input', 'in.safetensors', '--targets', 'targets.json', '--out', 'out.safetensors', '--quiet'];
  const stdout = await run('gradients', 'det.json', '--checkpoint', 'det.safetensors', ...batch);
  expect(JSON.parse(stdout).losses).toMatchObject({ loss_cls: expect.any(Number), loss_bbox: expect.any(Number) });
  const names = Object.keys(await readSafetensors(join(cwd, 'out.safetensors')));
  const parameters = [...buildModel(detector.model).wholeGraph.parameters.keys()];
  const trained = parameters.filter((name) => !/\.(?:running_mean|running_var|num_batches_tracked)$/.test(name));
  expect(names).toEqual(expect.arrayContaining(trained.map((name) => `gradient.${name}`)));
});

test('quantize: a file that detects', async () => {
  const calibrated = ['--calibration', 'pictures', '--out', 'det.onnx', '--ranges', 'min-max'];
  await run('quantize', 'det.json', '--checkpoint', 'det.safetensors', ...calibrated);
  expect(JSON.parse(await run('detect', 'det.onnx', 'pictures/40.png', '--quiet'))).toBeDefined();
});

test('benchmark: a time for each network', async () => {
  const short = ['--size', '32x32', '--rounds', '2', '--warm-up', '0', '--no-memory', '--json', '-', '--quiet'];
  const { results } = JSON.parse(await run('benchmark', 'det.json', 'seg.json', ...short));
  expect(results).toHaveLength(2);
});

test('browse: a sheet of pictures with their boxes', async () => {
  const shown = ['--images', 'images', '--annotations', 'annotations.json', '--out', 'sheet.png'];
  const record = JSON.parse(await run('browse', ...shown, '--count', '3', '--json', '-', '--quiet'));
  expect(record).toMatchObject({ format: 'coco', total_pictures: 7 });
  expect(record.pictures).toHaveLength(3);
});
