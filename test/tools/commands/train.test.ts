/** `lowformer train`: a tiny set trained to the end, stopped and gone on with, tried dry; and its folder as a model. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTrainingEvents } from '../../../training/events.js';
import { readSafetensors } from '../../read_safetensors.js';
import { filesIn, lowformer, temporaryFolder } from '../command_line.js';
import { expectMistake } from '../tiny_models.js';
import { writeTinyTrainings } from '../training/tiny_training.js';

const cwd = temporaryFolder();
const train = (...args: readonly string[]) => lowformer(['train', ...args], { cwd });
/** Long enough to be stopped in the middle. */
const DETECTION = ['detection.json', '--cfg-options', 'train_cfg.max_epochs=4'];
const events = (run: string) => readTrainingEvents(join(cwd, run, 'log.jsonl'));

beforeAll(() => writeTinyTrainings(cwd));

describe('a run to the end', () => {
  test('of a detector', async () => {
    const { code, stdout, stderr } = await train(...DETECTION, '--work-dir', 'cells');
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
    expect(filesIn(join(cwd, 'cells'))).toEqual(
      expect.arrayContaining([
        'best.safetensors',
        'config.json',
        'last.safetensors',
        'log.jsonl',
        'report.html',
        'resume.safetensors',
      ]),
    );
    expect(stderr).toMatch(/^training [\d ]+ parameters: 4 epochs, 16 steps of 2 pictures, seed 7$/m);
    expect(stderr).toMatch(/^\[16\/16\] epoch 4\/4: loss [\d.]+ \(loss_cls [\d.]+, loss_bbox [\d.]+\), lr 0\.001, /m);
    expect(stderr).toMatch(/^epoch 1: coco\/bbox_mAP /m);
    expect(stderr).toMatch(/^trained to the end\. The best validation: coco\/bbox_mAP /m);
    const kinds = (await events('cells')).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'step')).toHaveLength(16);
    expect(kinds.filter((kind) => kind === 'validated')).toHaveLength(4);
    expect(kinds.at(-1)).toBe('finished');
  });

  test('whose folder detects, evaluates, and goes on no further', async () => {
    const found = await lowformer(['detect', 'cells', 'images', '--quiet'], { cwd });
    expect(found.code, found.stderr).toBe(0);
    expect(JSON.parse(found.stdout)).toHaveLength(7);
    const data = ['--images', 'images', '--annotations', 'annotations.json', '--batch-size', '2'];
    const evaluated = await lowformer(['evaluate', 'cells', ...data, '--json', '-', '--quiet'], { cwd });
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const best = (await events('cells')).findLast((event) => event.kind === 'validated' && event.isBest);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({
      stats: { AP: best?.kind === 'validated' ? best.metrics['coco/bbox_mAP'] : undefined },
    });
    const before = readFileSync(join(cwd, 'cells/last.safetensors'));
    expect((await train(...DETECTION, '--work-dir', 'cells', '--resume')).code).toBe(0);
    expect(readFileSync(join(cwd, 'cells/last.safetensors')).equals(before)).toBe(true);
  });

  test('of a segmentor', async () => {
    const { code, stderr } = await train('segmentation.json', '--work-dir', 'fields', '--seed', '3');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^training [\d ]+ parameters: 8 steps of 2 pictures, seed 3$/m);
    expect(stderr).toMatch(/^step 4: mIoU /m);
    const segmented = await lowformer(['segment', 'fields', 'images/0.png', '--json', '-', '--quiet'], { cwd });
    expect(segmented.code, segmented.stderr).toBe(0);
  });
});

test('Ctrl-C stops after the step with everything written, and --resume ends in the weights of the run without it', async () => {
  const args = ['train', ...DETECTION, '--work-dir', 'stopped'];
  const stopped = await lowformer(args, { cwd, interrupt: { signal: 'SIGINT', at: /\[1\/16\]/ } });
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stderr).toMatch(/^stopped after step \d+, everything written: go on with --resume\./m);
  expect((await events('stopped')).at(-1)).toMatchObject({ kind: 'finished', reason: 'stopped' });
  // Its own config is in the folder.
  const resumed = await train('--work-dir', 'stopped', '--resume');
  expect(resumed.code, resumed.stderr).toBe(0);
  const weights = (run: string) => {
    const { names, float32 } = readSafetensors(join(cwd, run, 'last.safetensors'));
    return names.map((name) => [name, float32(name)]);
  };
  expect(weights('stopped')).toEqual(weights('cells'));
});

test('a run that is there is not written over', async () => {
  const message = expectMistake(await train('detection.json', '--work-dir', 'cells'));
  expect(message).toContain('Let that run go on with --resume, or name another folder with --work-dir.');
});

test('--dry-run tries a step, says what the run would take, and writes nothing', async () => {
  const { code, stdout, stderr } = await train('detection.json', '--work-dir', 'dry', '--dry-run', '--json', '-');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ steps: 8, epochs: 2, validations: 2, batchSize: 2 });
  expect(existsSync(join(cwd, 'dry'))).toBe(false);
  const words = await train('segmentation.json', '--dry-run');
  expect(words.code, words.stderr).toBe(0);
  expect(words.stdout).toMatch(/^the whole run \(8 steps, 2 validations\) +\d+ s$/m);
});

describe('said before the first step', () => {
  test.each([
    [['detection.json'], "--work-dir: expected the run's folder"],
    [['--work-dir', 'none', '--resume'], 'none/config.json'],
    [['--work-dir', 'none'], 'expected a config'],
    [['detection.json', '--work-dir', 'none', '--precision', 'float16'], '--precision: expected float32'],
    [['detection.json', '--work-dir', 'none', '--cfg-options', 'metainfo.classes=["round"]'], 'metainfo'],
  ])('%j', async (args, message) => {
    expect(expectMistake(await train(...args))).toContain(message);
    expect(existsSync(join(cwd, 'none', 'log.jsonl'))).toBe(false);
  });
});
