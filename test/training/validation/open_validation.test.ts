/** Validation during training: the figures of `lowformer evaluate` under OpenMMLab's names, and what is refused before it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectNotes } from '../../../core/notes.js';
import type { Tensors } from '../../../core/tensor.js';
import { readCoco } from '../../../data/coco.js';
import { readSegmentationFolders } from '../../../data/segmentation_folders.js';
import { initialWeights } from '../../../models/fitted_weights.js';
import { type OpenedConfig, openConfig } from '../../../models/open_config.js';
import { parseEvaluators } from '../../../training/validation/evaluators/index.js';
import { openValidation, type ValidationData } from '../../../training/validation/open_validation.js';
import type { ValidatedPicture } from '../../../training/validation/validation.js';
import { writeSafetensors } from '../../../weights/safetensors.js';
import { formulaNetwork } from '../../run_network.js';
import { lowformer } from '../../tools/command_line.js';
import { detector as detectorConfig, segmentor as segmentorConfig } from '../../tools/tiny_models.js';
import { BOXES, CLASSES, writeCoco, writeLabels, writePictures } from '../loading/small_set.js';

let folder = '';
let detection: ValidationData;
let segmentation: ValidationData;

const detector = {
  ...detectorConfig,
  model: { ...detectorConfig.model, bbox_head: { ...detectorConfig.model.bbox_head, num_classes: 2 } },
  metainfo: { classes: CLASSES },
};
const segmentor = {
  ...segmentorConfig,
  model: { ...segmentorConfig.model, decode_head: { ...segmentorConfig.model.decode_head, num_classes: 2 } },
  metainfo: { classes: CLASSES },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lowformer-validation-'));
  await writePictures(folder);
  detection = await detectionData(BOXES);
  segmentation = await segmentationData('labels');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function detectionData(boxes: typeof BOXES, evaluator?: unknown, changes: object = {}): Promise<ValidationData> {
  const dataset = await readCoco(writeCoco(folder, boxes, changes), join(folder, 'images'));
  return { task: 'detection', dataset, evaluators: parseEvaluators(evaluator, 'detection', { path: 'val_evaluator' }) };
}

async function segmentationData(labels: string, evaluator?: unknown): Promise<ValidationData> {
  const dataset = await readSegmentationFolders({ images: join(folder, 'images'), labels: join(folder, labels) });
  const evaluators = parseEvaluators(evaluator, 'segmentation', { path: 'val_evaluator' });
  return { task: 'segmentation', dataset, evaluators };
}

/** Weights that find something: the formula's. */
async function opened(config: { readonly model: unknown }): Promise<{ opened: OpenedConfig; weights: Tensors }> {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const open = await openConfig(join(folder, 'config.json'));
  const { parameters } = formulaNetwork(open.model.wholeGraph);
  const names = [...open.model.wholeGraph.parameters.keys()];
  return { opened: open, weights: Object.fromEntries(names.map((name) => [name, parameters(name)])) };
}

/** The record that `lowformer evaluate` writes for the same weights. */
async function evaluated(config: object, weights: Tensors, ...args: readonly string[]): Promise<unknown> {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  await writeSafetensors(join(folder, 'weights.safetensors'), weights);
  const model = ['config.json', '--checkpoint', 'weights.safetensors', '--images', 'images'];
  const run = await lowformer(['evaluate', ...model, ...args, '--json', '-', '--quiet'], { cwd: folder });
  expect(run.code, run.stderr).toBe(0);
  return JSON.parse(run.stdout);
}

const at = { epoch: 3, iteration: 12 };

test("a detector's figures are those of evaluate, picture by picture in batches of any size", async () => {
  const { opened: open, weights } = await opened(detector);
  const before = structuredClone(weights);
  const seen: ValidatedPicture[] = [];
  const started: unknown[] = [];
  const watcher = {
    started: (...given: readonly unknown[]) => started.push(given),
    picture: (picture: ValidatedPicture) => void seen.push(picture),
  };
  const validate = await openValidation({ opened: open, data: detection, batchSize: 3, watcher });
  const { metrics, notes } = await validate(weights, at);
  expect(weights).toEqual(before);
  expect(notes).toEqual([]);
  expect(started).toEqual([[at, 7]]);
  expect(seen.map(({ position, file }) => [position, file])).toEqual(
    detection.dataset.samples.map(({ file }, i) => [i, file]),
  );
  expect(seen.some(({ result }) => result.kind === 'detection' && result.detections.length > 0)).toBe(true);
  const batches = ['--batch-size', '3'];
  const record = await evaluated(detector, weights, '--annotations', 'annotations.json', ...batches);
  expect(record).toMatchObject({
    stats: {
      AP: metrics['coco/bbox_mAP'],
      AP50: metrics['coco/bbox_mAP_50'],
      AP75: metrics['coco/bbox_mAP_75'],
      APs: metrics['coco/bbox_mAP_s'],
      APm: metrics['coco/bbox_mAP_m'],
      APl: metrics['coco/bbox_mAP_l'],
    },
  });
  expect(Object.keys(metrics)[0]).toBe('coco/bbox_mAP');
  // Other weights are other figures, by the same function.
  const other = initialWeights(open.model).parameters;
  const changed = Object.fromEntries(Object.keys(weights).map((name) => [name, other(name)]));
  const again = await validate(changed, { epoch: 4, iteration: 16 });
  expect(Object.keys(again.metrics)).toEqual(Object.keys(metrics));
  expect((await validate(weights, at)).metrics).toEqual(metrics);
}, 60_000);

test("a segmentor's figures are those of evaluate", async () => {
  const { opened: open, weights } = await opened(segmentor);
  const data = await segmentationData('labels', { type: 'IoUMetric', iou_metrics: ['mIoU', 'mDice'] });
  const validate = await openValidation({ opened: open, data });
  const { metrics } = await validate(weights, at);
  expect(Object.keys(metrics)).toEqual(['mIoU', 'mAcc', 'mDice', 'aAcc']);
  expect(await evaluated(segmentor, weights, '--annotations', 'labels')).toMatchObject(metrics);
}, 60_000);

test('it is given up by a signal', async () => {
  const { opened: open, weights } = await opened(detector);
  const controller = new AbortController();
  const validate = await openValidation({
    opened: open,
    data: detection,
    watcher: { picture: () => controller.abort(new Error('enough')) },
  });
  await expect(validate(weights, at, controller.signal)).rejects.toThrow('enough');
});

test('weights that lack a parameter are none', async () => {
  const { opened: open } = await opened(detector);
  const validate = await openValidation({ opened: open, data: detection });
  await expect(validate({}, at)).rejects.toThrow(
    /^weights: expected a parameter among the weights but received 'backbone/,
  );
});

describe('before the first step', () => {
  const refusal = async (config: { readonly model: unknown }, data: ValidationData) =>
    openValidation({ opened: (await opened(config)).opened, data, notes: collectNotes() });

  test('classes that are not the config’s', async () => {
    const other = { ...detector, metainfo: { classes: ['round', 'oval'] } };
    await expect(refusal(other, detection)).rejects.toThrow("The dataset lacks 'oval'. The config lacks 'square'.");
  });

  test('pictures that are missing, or have another size', async () => {
    const gone = await detectionData(BOXES);
    const samples = gone.task === 'detection' ? gone.dataset.samples : [];
    const at = (change: object): ValidationData =>
      gone.task === 'detection'
        ? { ...gone, dataset: { ...gone.dataset, samples: samples.map((sample) => ({ ...sample, ...change })) } }
        : gone;
    await expect(refusal(detector, at({ file: join(folder, 'images/none.png') }))).rejects.toThrow('none.png');
    await expect(refusal(detector, at({ size: { width: 7, height: 7 } }))).rejects.toThrow('7 of 7 differ');
    const none = at({});
    if (none.task !== 'detection') return;
    await expect(refusal(detector, { ...none, dataset: { ...none.dataset, samples: [] } })).rejects.toThrow(
      'expected a picture to validate on but received 0',
    );
  });

  test('labels out of range', async () => {
    mkdirSync(join(folder, 'wrong'));
    for (const [i, { file }] of segmentation.dataset.samples.entries()) {
      const { width, height } = await sizeOf(file);
      await writeLabels(join(folder, 'wrong', `${i}.png`), width, height, (at) => (at === 5 ? 2 : 0));
    }
    await expect(refusal(segmentor, await segmentationData('wrong'))).rejects.toThrow('a label from 0 to 1, or 255');
  });

  test('a config that says nothing of pictures', async () => {
    const { test_pipeline: _, ...bare } = detector;
    await expect(refusal(bare, detection)).rejects.toThrow('test_pipeline: expected steps');
  });
});

async function sizeOf(file: string) {
  const { readPictureSize } = await import('../../../data/picture_folder.js');
  return readPictureSize(file);
}
