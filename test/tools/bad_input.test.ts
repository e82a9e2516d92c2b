/** A user's mistakes: each one clear message, exit code 2, nothing half-written. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../weights/safetensors.js';
import { needs } from '../needs.js';
import { filesIn, lowformer, temporaryFolder } from './command_line.js';
import { detector, drawPicture, expectMistake, segmentor, writeModel, writePicture } from './tiny_models.js';

const cwd = temporaryFolder();
const given: string[] = [];
const model = ['det.json', '--checkpoint', 'det.safetensors'];
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/checkpoints/${name}`, import.meta.url));

beforeAll(async () => {
  await writeModel(cwd, 'det', detector);
  await writeModel(cwd, 'seg', segmentor);
  await writePicture(join(cwd, 'good.png'), drawPicture(60, 40));
  await writePicture(join(cwd, 'photo.jpg'), drawPicture(60, 40));
  writeFileSync(join(cwd, 'empty.png'), '');
  writeFileSync(join(cwd, 'text.png'), 'no picture at all');
  const cut = (from: string, to: string, share: number) => {
    const whole = readFileSync(join(cwd, from));
    writeFileSync(join(cwd, to), whole.subarray(0, Math.floor(whole.length * share)));
  };
  cut('good.png', 'cut.png', 0.6);
  cut('photo.jpg', 'cut.jpg', 0.8);
  mkdirSync(join(cwd, 'nothing'));
  mkdirSync(join(cwd, 'several'));
  for (const name of ['cut.png', 'empty.png', 'good.png', 'photo.jpg'])
    copyFileSync(join(cwd, name), join(cwd, 'several', name));
  copyFileSync(fixture('malicious.pth'), join(cwd, 'malicious.pth'));
  copyFileSync(join(cwd, 'photo.jpg'), join(cwd, 'good.jpg'));
  const broken = await readSafetensors(join(cwd, 'det.safetensors'));
  broken['bbox_head.retina_cls.bias']?.data.fill(Number.NaN, 2, 3);
  broken['backbone.input_stem.op_list.0.norm.running_var']?.data.fill(-1, 0, 1);
  await writeSafetensors(join(cwd, 'nan.safetensors'), broken);
  writeFileSync(join(cwd, 'retina.py'), 'import os\nmodel = dict()');
  writeFileSync(join(cwd, 'broken.json'), '{"model": {"type": }}');
  writeFileSync(join(cwd, 'bare.json'), JSON.stringify({ model: detector.model }));
  given.push(...filesIn(cwd));
});

/** Runs what must fail, and gives the message. What it leaves behind is looked at when all have run. */
async function mistake(...args: readonly string[]): Promise<string> {
  return expectMistake(await lowformer(args, { cwd }));
}

describe.concurrent('pictures', () => {
  test.each([
    ['missing.png', 'missing.png: expected a picture, a folder or a glob, but there is nothing of that name'],
    ['*.xyz', '*.xyz: expected a picture, a folder or a glob, but there is nothing of that name'],
    [
      'nothing',
      'nothing: expected a folder with pictures, but there is none in it. Endings looked for: jpg, jpeg, jpe, jfif, png, webp, bmp, tif, tiff, gif, avif.',
    ],
    ['empty.png', 'empty.png: expected a JPEG, PNG, WebP, TIFF, GIF, AVIF or BMP picture. It is empty (0 bytes).'],
    ['text.png', 'text.png: expected a JPEG, PNG, WebP, TIFF, GIF, AVIF or BMP picture. It is none, or damaged.'],
    ['cut.png', 'cut.png: expected an undamaged PNG picture. The file is cut off.'],
    ['cut.jpg', expect.stringMatching(/^cut\.jpg: expected an undamaged JPEG picture\. Decoding it failed: .+\.$/)],
  ])('%s', async (name, message) => {
    expect(await mistake('detect', ...model, name, '--out', 'out', '--json', 'out.json')).toEqual(message);
  });

  test('one bad picture among several does not lose the others', async () => {
    const args = [
      'detect',
      ...model,
      'several',
      'missing.jpg',
      '--out',
      'done',
      '--json',
      'done.json',
      '--batch-size',
      '2',
    ];
    const result = await lowformer(args, { cwd });
    expect(expectMistake(result)).toBe(
      [
        'IMAGE: expected 5 pictures that can be used but received 2. Those are done. What cannot be used:',
        '  missing.jpg: expected a picture, a folder or a glob, but there is nothing of that name',
        '  several/cut.png: expected an undamaged PNG picture. The file is cut off.',
        '  several/empty.png: expected a JPEG, PNG, WebP, TIFF, GIF, AVIF or BMP picture. It is empty (0 bytes).',
      ].join('\n'),
    );
    expect(result.stderr).toMatch(/\[1\/4\] several\/cut\.png: cannot be used\n/);
    expect(filesIn(join(cwd, 'done'))).toEqual(['good.png', 'photo.png']);
    const records: readonly { readonly file: string }[] = JSON.parse(readFileSync(join(cwd, 'done.json'), 'utf8'));
    expect(records.map(({ file }) => file)).toEqual(['several/good.png', 'several/photo.jpg']);
  });

  test('results that would overwrite each other, or a picture', async () => {
    expect(await mistake('detect', ...model, 'good.png', 'good.jpg', '--out', 'out')).toBe(
      'out/good.png: expected a file for the result of one picture alone. It would hold the result of good.png and of good.jpg: run them apart.',
    );
    expect(await mistake('detect', ...model, 'good.png', '--out', '.')).toBe(
      'good.png: expected a file for the result of one picture alone. It is one of the pictures: name another --out.',
    );
    // Without pictures to write, the same names are no trouble.
    expect((await lowformer(['detect', ...model, 'good.png', 'good.jpg', '--quiet'], { cwd })).code).toBe(0);
  });
});

describe.concurrent('configs', () => {
  const changed = (...changes: readonly string[]) => mistake('inspect', 'det.json', '--cfg-options', ...changes);

  test.each([
    [
      'model.neck.num_out=3',
      /^model\.neck\.num_out: expected one of the keys in_channels, .+ but received 'num_out'\. Did you mean 'num_outs'\?/,
    ],
    [
      'model.neck.type=FNP',
      /^model\.neck\.type: expected the type of a neck \(FPN.*\) but received 'FNP'\. Did you mean 'FPN'\?/,
    ],
    [
      'model.backbone.type=LowFrmer',
      /^model\.backbone\.type: expected the type of a backbone .+ Did you mean 'LowFormer'\?/,
    ],
    ['modle.neck=1', /^modle: .+ Did you mean 'model'\?/],
    [
      'model.neck.in_channels=[8,8,8,8]',
      /^model\.neck\.in_channels: expected \[8, 8, 16, 16\], the channels of the features that come in but received \[8,8,8,8\]/,
    ],
    ['model.bbox_head.in_channels=16', /^model\.bbox_head\.in_channels: expected 8, the channels .+ but received 16/],
    ['model.backbone.widths=4', /^model\.backbone\.widths: expected a list but received 4/],
    ['model.test_cfg.score_thr=-1', /^model\.test_cfg\.score_thr: expected a number of at least 0 but received -1/],
    [
      'model.bbox_head.num_classes=4',
      /^metainfo\.classes: expected 4 entries, one for each class that the head tells apart but received 3\. Set num_classes/,
    ],
    ['foo', /^--cfg-options: expected key\.path=value but received 'foo'/],
  ])('%s', async (change, message) => {
    expect(await changed(change)).toMatch(message);
  });

  test('strides of the anchors that contradict those of the features', async () => {
    const generator = 'model.bbox_head.anchor_generator';
    const others = { type: 'AnchorGenerator', octave_base_scale: '4', scales_per_octave: '3', ratios: '[1]' };
    const changes = Object.entries(others).map(([key, value]) => `${generator}.${key}=${value}`);
    expect(await changed(...changes, `${generator}.strides=[4,8,16,32,64]`)).toMatch(
      /^model\.bbox_head\.anchor_generator\.strides: expected \[8, 16, 32, 64, 128\], the strides of the features that come in but received \[4,8,16,32,64\]/,
    );
  });

  test('files that are none, of another kind, or for another task', async () => {
    expect(await mistake('inspect', 'retinanet_lowformer-b0_fpn_1x_cocoo')).toMatch(
      /^config: expected a config file that exists .+ Did you mean 'retinanet_lowformer-b0_fpn_1x_coco'\?$/,
    );
    expect(await mistake('inspect', 'retina.py')).toMatch(
      /^retina\.py:1:1: expected imports that name types of models alone but received 'os'\. No Python is run .+: python -c/,
    );
    expect(await mistake('inspect', 'broken.json')).toMatch(/^broken\.json:1:20: expected /);
    expect(await mistake('detect', 'bare.json', 'good.png', '--checkpoint', 'det.safetensors')).toMatch(
      /^test_pipeline: expected steps that prepare a picture, .+, but the key is missing$/,
    );
    expect(await mistake('segment', ...model, 'good.png', '--out', 'out')).toBe(
      "model.type: expected a model for segmentation but received 'RetinaNet'. The config is for detection.",
    );
  });

  test('--input-size without pixels', async () => {
    expect(await mistake('inspect', 'det.json', '--input-size', '0x0')).toBe(
      "option '--input-size <HxW>' argument '0x0' is invalid. Expected HEIGHTxWIDTH in pixels, such as 512x640.",
    );
  });
});

describe.concurrent('checkpoints', () => {
  const withWeights = (...args: readonly string[]) =>
    mistake('detect', 'det.json', 'good.png', '--out', 'out', ...args);

  test.each([
    [
      'of another architecture',
      fixture('official_trainer.pt'),
      /expected tensors for all 123 parameters of the network but received \d+\. missing \(\d+\): .+ the file's backbone is of another size: check model\.backbone of the config/,
    ],
    [
      'of another task',
      'seg.safetensors',
      /^seg\.safetensors: expected tensors for all 123 parameters of the network but received 111\. missing \(10\): /,
    ],
    [
      'with values that are none',
      'nan.safetensors',
      /^nan\.safetensors: expected finite weights and variances from 0 up but received 'others in 2 of 123 parameters'\. NaN or infinite: bbox_head\.retina_cls\.bias \(1 of \d+\)\. Below zero: backbone\.input_stem\.op_list\.0\.norm\.running_var \(1 of 4\)\. Training has diverged/,
    ],
    ['of nested keys', fixture('hostile/dag_key_meta.pth'), /expected keys of dictionaries that are texts/],
    ['missing', 'none.pth', /^none\.pth: expected a checkpoint file\. There is no such file\./],
    [
      'that is empty',
      'empty.png',
      /^empty\.png: expected a checkpoint \(\.pth, \.pt or \.safetensors\) but received 'an empty file'/,
    ],
    ['that is cut off', fixture('truncated.pth'), /The file is truncated or damaged: copy or download it again\.$/],
    [
      'that would run a command',
      'malicious.pth',
      /^malicious\.pth: expected a checkpoint of tensors and plain values but received 'posix\.system'\. This file calls posix\.system, .+ it was refused, and nothing of it was run/,
    ],
  ])('%s', async (_, file, message) => {
    expect(await withWeights('--checkpoint', file)).toMatch(message);
  });

  test('none at all', async () => {
    expect(await withWeights()).toBe(
      'checkpoint: expected trained weights, but none are given. Name a file with --checkpoint, or set load_from in the config.',
    );
  });

  test('of another class count: says so, and what to do', async () => {
    const options = ['model.bbox_head.num_classes=2', "metainfo.classes=['a','b']", 'metainfo.category_ids=[1,2]'];
    const args = ['--checkpoint', 'det.safetensors', '--cfg-options', ...options];
    expect(await withWeights(...args)).toMatch(
      /the class counts differ \(the last layer has 27 outputs in the file, 18 in the network\); .+: --allow-mismatch bbox_head\.retina_cls$/,
    );
    const allowed = await lowformer(
      ['detect', 'det.json', 'good.png', ...args, '--allow-mismatch', 'bbox_head.retina_cls'],
      { cwd },
    );
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(allowed.stderr).toContain('loaded 121 of 123 parameters');
  });
});

describe.concurrent('devices, engines, threads', () => {
  test.each([
    [
      '--device',
      'cudda',
      /^device: expected a device of this machine: cpu\b.* but received 'cudda'\. Did you mean cuda\?$/,
    ],
    ['--engine', 'tensorflow', /^engine: expected one of onnxruntime, openvino, tfjs but received 'tensorflow'$/],
    [
      '--precision',
      'half',
      /^option '--precision <name>' argument 'half' is invalid\. Allowed choices are float32, float16, bfloat16\.$/,
    ],
    ['--threads', '0', /^option '--threads <n>' argument '0' is invalid\. Expected a whole number of 1 or more\.$/],
    [
      '--batch-size',
      '1.5',
      /^option '--batch-size <n>' argument '1\.5' is invalid\. Expected a whole number of 1 or more\.$/,
    ],
    ['--score-thr', '2', /^option '--score-thr <p>' argument '2' is invalid\. Expected a number from 0 to 1\.$/],
  ])('%s %s', async (option, value, message) => {
    expect(await mistake('detect', ...model, 'good.png', '--out', 'out', option, value)).toMatch(message);
  });

  test('--fast-math on another processor than it is for', needs('x64', process.arch !== 'arm64'), async () => {
    expect(await mistake('detect', ...model, 'good.png', '--fast-math')).toBe(
      `fastMath: expected an ARM64 processor and the device cpu but received '${process.arch}, cpu'`,
    );
  });

  test('a device that is not there', async ({ skip }) => {
    const { stdout } = await lowformer(['doctor', '--json', '-'], { cwd });
    if (/"name": "cuda",\s+"available": true/.test(stdout)) skip('there is a CUDA device here');
    expect(await mistake('detect', ...model, 'good.png', '--device', 'cuda')).toMatch(
      /^device: expected a device of this machine: cpu\b.* but received 'cuda'/,
    );
  });
});

describe.concurrent('outputs', () => {
  /** Known before the model is loaded: the checkpoint that is not there does not show. */
  const early = (...args: readonly string[]) =>
    mistake('detect', 'det.json', 'good.png', '--checkpoint', 'none.pth', ...args);
  const FOLDER = 'expected a folder that can be made and written to';
  const FILE = 'There is a file where a folder is needed. Nothing was written.';
  const PLACE = 'expected a place that can be written to';

  test.each([
    [['--out', 'text.png'], `text.png: ${FOLDER}. ${FILE}`],
    [['--out', 'text.png/below'], `text.png/below: ${FOLDER}. ${FILE}`],
    [['--json', 'nothing'], 'nothing: expected a file, but it is a folder'],
    [['--json', 'text.png/out.json'], `text.png/out.json: ${PLACE}. ${FILE}`],
    [['--json', 'text.png/none/out.json'], `text.png/none/out.json: ${PLACE}. ${FILE}`],
  ])('%j', needs('linux', process.platform === 'linux'), async (args, message) => {
    expect(await early(...args)).toBe(message);
  });

  // /proc takes no files, not even from root.
  test.each([
    [['--out', '/proc/out'], `/proc/out: ${FOLDER}. No file can be made in /proc. Nothing was written.`],
    [['--json', '/proc/out.json'], `/proc/out.json: ${PLACE}. No file can be made in /proc. Nothing was written.`],
  ])('%j', needs('linux', process.platform === 'linux'), async (args, message) => {
    expect(await early(...args)).toBe(message);
  });

  test('of export and forward', async () => {
    expect(await mistake('export', 'det.json', '--out', 'text.png/det.onnx')).toBe(
      `text.png/det.onnx: ${PLACE}. ${FILE}`,
    );
    expect(await mistake('export', 'det.json', '--out', 'nothing')).toBe(
      'nothing: expected a file, but it is a folder',
    );
    expect(await mistake('forward', 'det.json', '--input', 'none.safetensors', '--out', 'no/out.safetensors')).toBe(
      "none.safetensors: expected a safetensors file with a tensor 'input'. There is no such file.",
    );
  });
});

test('none of them has left anything behind', () => {
  const done = ['done.json', 'done/good.png', 'done/photo.png'];
  expect(filesIn(cwd)).toEqual([...given, ...done].toSorted());
});
