/** Evaluators by mmdet's and mmseg's names: their figures, made by test/fixtures/training/make_evaluators.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { categoryId } from '../../../core/brands.js';
import { collectNotes } from '../../../core/notes.js';
import type { DetectionAnnotations } from '../../../data/dataset.js';
import { countPictures, EVALUATORS, parseEvaluators } from '../../../training/validation/evaluators/index.js';

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const cases = z.array(z.object({ config: z.looseObject({}), metrics: z.record(z.string(), z.number().nullable()) }));
const fixture = z
  .object({
    size: z.int(),
    classes: z.array(z.string()),
    pictures: z.array(
      z.object({
        objects: z.array(z.object({ category: z.int(), bbox: box })),
        detections: z.array(z.object({ category: z.int(), bbox: box, score: z.number() })),
      }),
    ),
    detection: cases,
    names: z.array(z.string()),
    shape: z.tuple([z.int(), z.int()]),
    maps: z.array(z.object({ truth: z.array(z.int()), prediction: z.array(z.int()) })),
    segmentation: cases,
  })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/training/evaluators.json', import.meta.url), 'utf8')));

const context = { path: 'val_evaluator' };

const annotations: DetectionAnnotations = {
  kind: 'detection',
  name: 'drawn boxes',
  classes: fixture.classes,
  categoryIds: fixture.classes.map((_, i) => categoryId(i)),
  samples: fixture.pictures.map(({ objects }, id) => ({
    id,
    size: { width: fixture.size, height: fixture.size },
    objects: objects.map(({ category, bbox }, i) => ({
      id: 100 * id + i + 1,
      categoryId: categoryId(category),
      box: bbox,
      area: bbox[2] * bbox[3],
      crowd: false,
      difficult: false,
    })),
  })),
};

function detectionMetrics(config: unknown) {
  const counter = countPictures(parseEvaluators(config, 'detection', context), annotations, collectNotes());
  // In any order.
  for (const [position, truth] of [...annotations.samples.entries()].reverse()) {
    const found = fixture.pictures[position]?.detections ?? [];
    const detections = found.map(({ category, bbox, score }) => ({ category_id: category, bbox, score }));
    counter.add({ position, truth, detections });
  }
  return counter.metrics();
}

function segmentationMetrics(config: unknown) {
  const { names: classes, maps, shape } = fixture;
  const truth = { name: 'drawn labels', classes, numClasses: classes.length, reduceZeroLabel: false, ignoreIndex: 255 };
  const counter = countPictures(parseEvaluators(config, 'segmentation', context), truth, collectNotes());
  const map = (labels: readonly number[]) => ({ height: shape[0], width: shape[1], labels: Uint8Array.from(labels) });
  for (const [i, one] of maps.entries()) {
    counter.add({ name: `${i}.png`, truth: map(one.truth), prediction: map(one.prediction) });
  }
  return counter.metrics();
}

/** Whatever their order, and as many of a unit. mmseg divides in float32. */
function expectFigures(metrics: Readonly<Record<string, number>>, expected: Record<string, number | null>, unit = 1) {
  expect(Object.keys(metrics).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    if (value === null) expect(metrics[name], name).toBeNaN();
    else expect(metrics[name], name).toBeCloseTo(value / unit, 6);
  }
}

test.each(fixture.detection)('$config', ({ config, metrics }) => expectFigures(detectionMetrics(config), metrics));

test.each(fixture.segmentation)('$config, in percent', ({ config, metrics }) =>
  expectFigures(segmentationMetrics(config), metrics, 100),
);

test('the first figure is the one that runs are compared by', () => {
  const first = [detectionMetrics(undefined), detectionMetrics({ type: 'VOCMetric' }), segmentationMetrics(undefined)];
  expect(first.map((metrics) => Object.keys(metrics)[0])).toEqual(['coco/bbox_mAP', 'pascal_voc/mAP', 'mIoU']);
});

test('several evaluators stand side by side, the first of a name counts', () => {
  const both = detectionMetrics([
    { type: 'CocoMetric', metric_items: ['mAP_50'] },
    { type: 'VOCMetric' },
    { type: 'CocoMetric' },
  ]);
  expect(Object.keys(both).slice(0, 3)).toEqual(['coco/bbox_mAP_50', 'pascal_voc/mAP', 'pascal_voc/AP50']);
  expect(both['coco/bbox_mAP']).toBe(detectionMetrics(undefined)['coco/bbox_mAP']);
});

test('what names a file of ground truth says so', () => {
  const [given] = parseEvaluators(
    { type: 'CocoMetric', ann_file: 'val.json', backend_args: null },
    'detection',
    context,
  );
  expect(given?.annotations).toBe('val.json');
});

describe('refused, with the place', () => {
  test.each([
    [
      { type: 'CocoMetrics' },
      "val_evaluator.type: expected the type of a metric of validation (CocoMetric, VOCMetric, IoUMetric) but received 'CocoMetrics'. Did you mean 'CocoMetric'?",
    ],
    [
      { type: 'IoUMetric' },
      "val_evaluator.type: expected an evaluator of detection (CocoMetric, VOCMetric) but received 'IoUMetric'",
    ],
    [{ type: 'CocoMetric', metric: 'segm' }, 'val_evaluator.metric'],
    [{ type: 'CocoMetric', proposal_nums: [3, 2, 1] }, 'val_evaluator.proposal_nums: expected ascending numbers'],
    [[{ type: 'VOCMetric' }, { type: 'CocoMetric', format_only: true }], 'val_evaluator.1.format_only'],
    [{ type: 'VOCMetric', iou_thr: 0.5 }, 'val_evaluator.iou_thr'],
  ])('%j', (config, message) => {
    expect(() => parseEvaluators(config, 'detection', context)).toThrow(message);
  });

  test('a table like others', () => {
    for (const name of EVALUATORS.names()) expect(EVALUATORS.get(name, 'val_evaluator').type).toBe(name);
  });
});
