/** The page of a training run: what it tells of the log, and that nothing of it is taken for HTML or asked of the net. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classIndex } from '../../../core/brands.js';
import { readCoco } from '../../../data/coco.js';
import { readSegmentationFolders } from '../../../data/segmentation_folders.js';
import { decodeImage } from '../../../images/decode.js';
import type { TrainingEvent } from '../../../training/events.js';
import { openRunFolder } from '../../../training/folder/run_folder.js';
import { createRunReport, type ReportedRun, watchersTogether } from '../../../training/report/run_report.js';
import { parseEvaluators } from '../../../training/validation/evaluators/index.js';
import type { ValidationData } from '../../../training/validation/open_validation.js';
import type { ValidatedPicture } from '../../../training/validation/validation.js';
import { BOXES, CLASSES, writeCoco, writePictures } from '../loading/small_set.js';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lowformer-report-'));
  await writePictures(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const HOSTILE = '<script>alert("1")</script>';

const STARTED = {
  kind: 'started',
  iteration: 0,
  iterations: 6,
  epochs: 3,
  batchSize: 2,
  seed: 5,
  parameters: 1234,
} as const;
const EVENTS: readonly TrainingEvent[] = [
  STARTED,
  { kind: 'note', iteration: 0, note: { kind: 'odd', where: 'a.json', message: HOSTILE, count: 2, examples: ['b'] } },
  ...[1, 2, 3, 4].flatMap((iteration): TrainingEvent[] => {
    const epoch = Math.ceil(iteration / 2);
    const losses = { loss_cls: 1 / iteration, loss_bbox: iteration === 3 ? Number.NaN : 0.5 };
    const step = { losses, logged: {}, loss: 1, gradientNorm: 3, learningRate: 0.001, seconds: 2, waitingSeconds: 0.5 };
    const metrics = { 'coco/bbox_mAP': 0.125 * epoch, 'coco/bbox_mAP_s': -1 };
    return [
      { kind: 'step', epoch, iteration, ...step },
      ...(iteration % 2 === 1
        ? []
        : [{ kind: 'validated', epoch, iteration, metrics, isBest: epoch === 1, seconds: 1 } as const]),
    ];
  }),
];

async function pageOf(run: Partial<ReportedRun>, events = EVENTS): Promise<string> {
  return createRunReport({ config: { [HOSTILE]: HOSTILE }, ...run }).html(events, HOSTILE);
}

/** The text of the page without its markup. */
const wordsOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

test('tells where the run stands, with losses, metrics, rate and notes', async () => {
  const html = await pageOf({});
  const words = wordsOf(html);
  expect(words).toContain('Under way: 4 of 6 iterations. Best: coco/bbox_mAP 0.1250, after iteration 2 (epoch 1).');
  expect(words).toContain('seconds a step 2.00 (median)');
  expect(words).toContain('of it waiting for pictures 25.0 %');
  expect(words).toContain('left about 4 s, without validation');
  // Iteration, epoch, figures; -1 is nothing to measure.
  expect(words).toContain('2 1 0.1250 – best so far 1 s');
  expect(words).toContain('4 2 0.2500 – 1 s');
  for (const id of ['run', 'metrics', 'losses', 'steps', 'notes', 'config'])
    expect(html).toContain(`<section id="${id}"`);
  expect(html.slice(0, html.lastIndexOf('<script>'))).not.toContain('NaN');
});

test('nothing is taken for HTML, and nothing is asked of the net', async () => {
  const html = await pageOf({});
  expect(html).not.toContain('<script>alert');
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toMatch(/(src|href)="(?!#|data:)/);
  expect(html).toContain("default-src 'none'");
});

test('a run that has not begun, one that ended early, and one that went on', async () => {
  expect(wordsOf(await pageOf({}, []))).toContain('Under way: 0 iterations.');
  const best = { metric: 'coco/bbox_mAP', value: 0.375 };
  const end = { kind: 'finished', epoch: 2, iteration: 4, reason: 'early-stopping', why: 'no gain for 2 epochs', best };
  const ended = wordsOf(await pageOf({}, [...EVENTS, { ...end, kind: 'finished', reason: 'early-stopping' }]));
  expect(ended).toContain('Ended early: 4 of 6 iterations. No gain for 2 epochs. Best: coco/bbox_mAP 0.3750');
  expect(ended).not.toContain('without validation');
  const again = { ...STARTED, iteration: 4, resumedFrom: { epoch: 2, iteration: 4 } } as const;
  const going = wordsOf(await pageOf({}, [...EVENTS, { ...end, kind: 'finished', reason: 'stopped' }, again]));
  expect(going).toContain('Under way: 4 of 6');
  expect(going).toContain('went on after a stop 1 time');
});

test('a long run has charts of bounded size', async () => {
  const steps = Array.from({ length: 20_000 }, (_, i): TrainingEvent => {
    const numbers = { losses: { loss: 1 }, logged: {}, loss: 1, learningRate: 0.1, seconds: 1, waitingSeconds: 0 };
    return { kind: 'step', epoch: 1, iteration: i + 1, ...numbers };
  });
  expect((await pageOf({}, [STARTED, ...steps])).length).toBeLessThan(100_000);
});

async function validated(
  data: ValidationData,
  resultOf: (file: string, position: number) => Promise<ValidatedPicture>,
) {
  const report = createRunReport({
    config: {},
    validation: { data, classes: CLASSES, numClasses: CLASSES.length },
  });
  const seen: string[] = [];
  const watcher = watchersTogether([report.watcher, { picture: ({ file }) => void seen.push(file) }]);
  const { samples } = data.dataset;
  watcher.started({ epoch: 2, iteration: 4 }, samples.length);
  for (const [i, { file }] of samples.entries()) await watcher.picture(await resultOf(file, i));
  expect(seen).toHaveLength(samples.length);
  // One that is broken off counts for nothing.
  watcher.started({ epoch: 9, iteration: 99 }, samples.length);
  return report;
}

describe('the last validation', () => {
  test('of a detector: samples beside the truth, and the report of analyse', async () => {
    const dataset = await readCoco(writeCoco(folder, BOXES), join(folder, 'images'));
    const evaluators = parseEvaluators(undefined, 'detection', { path: 'val_evaluator' });
    const report = await validated({ task: 'detection', dataset, evaluators }, async (file, position) => {
      const image = await decodeImage(file);
      // What is there, but for the class of the first object of all.
      const detections = (dataset.samples[position]?.objects ?? []).map(({ box: [x, y, w, h], categoryId }, i) => {
        const index = position === 0 && i === 0 ? 1 - (categoryId - 1) : categoryId - 1;
        const box = [x, y, x + w, y + h] as const;
        return { box, score: 0.75, classIndex: classIndex(index), categoryId, category: CLASSES[index] ?? '' };
      });
      const { width, height } = image;
      return { position, file, image, result: { kind: 'detection', width, height, detections } };
    });
    const words = wordsOf(await report.html(EVENTS, 'run'));
    expect(words).toContain('of the validation after iteration 4 (epoch 2).');
    expect(words).toMatch(/truth .* prediction /);
    expect(words).toContain('What the errors cost');
    expect(words).toContain('Worst pictures');
  });

  test('of a segmentor: samples beside the truth, and the report of analyse; written from the log', async () => {
    const dataset = await readSegmentationFolders({ images: join(folder, 'images'), labels: join(folder, 'labels') });
    const evaluators = parseEvaluators(undefined, 'segmentation', { path: 'val_evaluator' });
    const report = await validated({ task: 'segmentation', dataset, evaluators }, async (file, position) => {
      const image = await decodeImage(file);
      const { width, height } = image;
      const labels = new Uint8Array(width * height);
      return { position, file, image, result: { kind: 'segmentation', width, height, labels, classes: [] } };
    });
    await using run = await openRunFolder(join(folder, 'run'), false);
    const { files } = run;
    writeFileSync(files.log, EVENTS.map((event) => `${JSON.stringify(event).replace('null', '"NaN"')}\n`).join(''));
    await report.write(run);
    const html = readFileSync(files.report, 'utf8');
    expect(html).toBe(await report.html(EVENTS, 'run'));
    expect(wordsOf(html)).toMatch(
      /Sample predictions .* picture .* truth .* prediction .* Worst pictures .* wrong pixels/,
    );
  });
});
