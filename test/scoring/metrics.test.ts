/** What holds for every metric of the table, whatever it measures. */
import { describe, expect, it, test } from 'vitest';
import { categoryId } from '../../core/brands.js';
import { collectNotes } from '../../core/notes.js';
import type { DetectionAnnotations, GroundTruthObject } from '../../data/dataset.js';
import type { TaskKind } from '../../registry/define_task.js';
import { allMetrics, choosableMetrics, metricOptions, metricsOf, namedMetric } from '../../scoring/metrics/choose.js';
import type { ClassificationPicture, DetectionPicture, SegmentationPicture } from '../../scoring/metrics/define.js';
import type { AnyMetric } from '../../scoring/metrics/index.js';
import { type OpenedMetric, openMetric } from '../../scoring/metrics/opened_metric.js';
import { randomBoxes, seededRandom, shuffled } from '../random.js';

const CLASSES = ['disc', 'square', 'ring'];
const PICTURES = 24;

/** Boxes on a coarse grid of scores: many ties, within pictures and across. */
function detectionPictures(seed: number): readonly DetectionPicture[] {
  const random = seededRandom(seed);
  const box = () => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = randomBoxes(random, 1, 150);
    return [x1, y1, x2 - x1, y2 - y1] as const;
  };
  let id = 0;
  return Array.from({ length: PICTURES }, (_, position): DetectionPicture => {
    const objects = Array.from({ length: Math.floor(random() * 5) }, (): GroundTruthObject => {
      const own = box();
      const marks = { crowd: random() < 0.1, difficult: random() < 0.1 };
      return {
        id: id++,
        categoryId: categoryId(1 + Math.floor(random() * 3)),
        box: own,
        area: own[2] * own[3],
        ...marks,
      };
    });
    const near = objects.map((object) => {
      const [x, y, width, height] = object.box;
      const bbox = [x + random() * 3, y, width * (0.8 + random() * 0.4), height] as const;
      return { category_id: Number(object.categoryId), bbox };
    });
    const far = [{ category_id: 1 + Math.floor(random() * 3), bbox: box() }];
    const detections = [...near, ...far].map((one) => ({ ...one, score: Math.ceil(random() * 8) / 8 }));
    return { position, truth: { id: `picture ${position}`, size: undefined, objects }, detections };
  });
}

function segmentationPictures(seed: number): readonly SegmentationPicture[] {
  const random = seededRandom(seed);
  const map = (most: number) => {
    const labels = Uint8Array.from({ length: 48 }, () => Math.floor(random() * most));
    return { width: 8, height: 6, labels };
  };
  return Array.from({ length: PICTURES }, (_, i) => {
    const truth = map(CLASSES.length);
    truth.labels[i % 48] = 255;
    return { name: `${i}.png`, truth, prediction: map(CLASSES.length) };
  });
}

function classificationPictures(seed: number, ranks: number, classes: number): readonly ClassificationPicture[] {
  const random = seededRandom(seed);
  return Array.from({ length: PICTURES }, (_, i) => ({
    name: `${i}.jpg`,
    target: Math.floor(random() * classes),
    ranking: [...shuffled(random, classes)].slice(0, ranks),
  }));
}

function annotationsOf(pictures: readonly DetectionPicture[]): DetectionAnnotations {
  const categoryIds = CLASSES.map((_, i) => categoryId(i + 1));
  const samples = pictures.map(({ truth }) => truth);
  return { kind: 'detection', name: 'random', classes: CLASSES, categoryIds, hasIdZero: true, samples };
}

/** A metric with pictures for it; `opened` makes a new one, `add` counts the picture at a place. */
interface Case {
  readonly opened: () => Promise<{ readonly metric: OpenedMetric<never>; readonly add: (picture: number) => void }>;
}

function caseOf(definition: AnyMetric, seed: number): Case {
  const options = metricOptions(definition, {});
  const of = <Picture>(open: () => Promise<OpenedMetric<Picture>>, pictures: readonly Picture[]): Case => ({
    async opened() {
      const metric = await open();
      const add = (i: number) => pictures.slice(i, i + 1).forEach(metric.add);
      return { metric, add };
    },
  });
  const notes = collectNotes();
  if (definition.task === 'detection') {
    const pictures = detectionPictures(seed);
    return of(() => openMetric(definition, annotationsOf(pictures), options, notes), pictures);
  }
  if (definition.task === 'segmentation') {
    const truth = { name: 'random', classes: CLASSES, numClasses: 3, ignoreIndex: 255, reduceZeroLabel: false };
    return of(() => openMetric(definition, truth, options, notes), segmentationPictures(seed));
  }
  const classes = Array.from({ length: 12 }, (_, i) => `${i}`);
  const truth = { name: 'random', classes, numClasses: classes.length };
  const pictures = classificationPictures(seed, definition.ranks, classes.length);
  return of(() => openMetric(definition, truth, options, notes), pictures);
}

describe.each(allMetrics().map((metric) => [metric.type, metric] as const))('%s', (_, definition) => {
  const whole = async (seed: number) => {
    const { metric, add } = await caseOf(definition, seed).opened();
    for (let i = 0; i < PICTURES; i++) add(i);
    return metric.report();
  };

  it('measures something', async () => {
    const [first, second] = [await whole(1), await whole(2)];
    expect(first.record).not.toEqual(second.record);
    expect(first.headline).toMatch(/\d/);
  });

  it.each([1, 2, 3, 4, 5, 6])('does not mind the order of the pictures: %i', async (seed) => {
    const { metric, add } = await caseOf(definition, seed).opened();
    for (const i of shuffled(seededRandom(seed + 50), PICTURES)) add(i);
    expect(await metric.report()).toEqual(await whole(seed));
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'parts from JSON, merged in any order, are the whole to the last bit: %i',
    async (seed) => {
      const random = seededRandom(seed + 100);
      const { opened } = caseOf(definition, seed);
      for (const parts of [1, 2, 5, PICTURES]) {
        const deals = Array.from({ length: PICTURES }, (_, i) =>
          parts === PICTURES ? i : Math.floor(random() * parts),
        );
        const total = await opened();
        for (const part of shuffled(random, parts)) {
          const { metric, add } = await opened();
          deals.forEach((dealt, i) => {
            if (dealt === part) add(i);
          });
          const counts = metric.counts();
          expect(structuredClone(counts)).toEqual(counts);
          total.metric.merge(definition.counts.parse(JSON.parse(JSON.stringify(counts))));
        }
        const { warnings, ...report } = await total.metric.report();
        const { warnings: expected, ...rest } = await whole(seed);
        expect(JSON.stringify(report)).toBe(JSON.stringify(rest));
        expect(warnings).toEqual(expected);
      }
    },
  );

  it('has a default for each option', () => {
    expect(() => metricOptions(definition, {})).not.toThrow();
  });
});

test('mIoU’s counts of one picture are in the form that journals of earlier versions have', async () => {
  const truth = { name: 'random', classes: undefined, numClasses: 3, ignoreIndex: 255, reduceZeroLabel: false };
  const metric = await openMetric(namedMetric('miou', 'segmentation'), truth, {}, collectNotes());
  const map = (...labels: number[]) => ({ width: labels.length, height: 1, labels: Uint8Array.from(labels) });
  metric.add({ name: 'a', truth: map(0, 1, 1, 255), prediction: map(0, 1, 2, 2) });
  const record = {
    ignored: 1,
    confusion: [
      [0, 1],
      [4, 1],
      [5, 1],
    ],
  };
  expect(metric.counts()).toEqual(record);
  metric.merge(record);
  expect(metric.counts()).toEqual({
    ignored: 2,
    confusion: [
      [0, 2],
      [4, 2],
      [5, 2],
    ],
    pictures: 2,
  });
  expect(() => metric.merge({ ignored: 0, confusion: [[9, 1]] })).toThrow('merge: confusion');
});

describe('which metric is meant', () => {
  test.each<readonly [TaskKind, string]>([
    ['detection', 'coco'],
    ['segmentation', 'miou'],
    ['classification', 'top-k'],
  ])('of %s, %s where none is named', (task, type) => {
    expect(namedMetric(undefined, task).type).toBe(type);
  });

  test('one can choose where there are several', () => {
    expect(choosableMetrics().map(({ type }) => type)).toEqual(['coco', 'voc']);
    expect(metricsOf('segmentation')).toHaveLength(1);
  });

  test('another task’s, and a name that is none, are mistakes', () => {
    expect(() => namedMetric('coco', 'segmentation')).toThrow('expected a config for detection but received');
    expect(() => namedMetric('cocoo', 'detection')).toThrow("Did you mean 'coco'?");
  });

  test('options are checked', () => {
    const voc = namedMetric('voc', 'detection');
    expect(metricOptions(voc, { iou: 0.7, maxDets: [1, 10, 100] })).toEqual({
      iou: 0.7,
      mode: 'area',
      legacyCoordinates: false,
    });
    expect(() => metricOptions(voc, { mode: 'areas' })).toThrow('--metric voc.mode');
  });
});
