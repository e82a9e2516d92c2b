import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createSegmentationMetrics, type LabelMap } from '../../evaluation/segmentation_metrics.js';
import type { ClassScores, SegmentationScores } from '../../evaluation/segmentation_scores.js';
import { seededRandom, shuffled } from '../random.js';

const folder = fileURLToPath(new URL('../fixtures/miou/', import.meta.url));
const names = ['IoU', 'Acc', 'Dice', 'Fscore', 'Precision', 'Recall'] as const satisfies readonly (keyof ClassScores)[];
const figures = z.array(z.number().nullable());
const metricsSchema = z.record(z.enum(['aAcc', ...names]), figures);
const settingsSchema = z.object({ num_classes: z.int(), reduce_zero_label: z.boolean(), ignore_index: z.int() });
const parity = settingsSchema.extend({
  images: z.int(),
  metrics: metricsSchema,
  mIoU: z.number(),
  mAcc: z.number(),
  aAcc: z.number(),
});
const extra = z.record(
  z.string(),
  settingsSchema.extend({
    width: z.int(),
    height: z.int(),
    labels: z.array(z.array(z.int())),
    predictions: z.array(z.array(z.int())),
    means: z.record(
      z.enum(['aAcc', 'mIoU', 'mAcc', 'mDice', 'mFscore', 'mPrecision', 'mRecall']),
      z.number().nullable(),
    ),
    metrics: metricsSchema,
  }),
);

function metricsFor(settings: z.infer<typeof settingsSchema>) {
  const { num_classes: numClasses, reduce_zero_label: reduceZeroLabel, ignore_index: ignoreIndex } = settings;
  return createSegmentationMetrics({ numClasses, reduceZeroLabel, ignoreIndex });
}

async function readMap(path: string): Promise<LabelMap> {
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const labels = Uint8Array.from({ length: info.width * info.height }, (_, i) => data[i * info.channels] ?? 0);
  return { width: info.width, height: info.height, labels };
}

/** The reference is rounded to float32: half a unit in the last place of its quotients, and of the quotients they are made of. */
const FLOAT32 = 2e-7;

function expectFigures(result: SegmentationScores, metrics: z.infer<typeof metricsSchema>): void {
  for (const name of names) {
    const expected = metrics[name];
    expect(result.perClass).toHaveLength(expected.length);
    result.perClass.forEach((scores, i) => {
      const value = expected[i] ?? null;
      if (value === null) expect(scores[name], `${name} of class ${i}`).toBeNull();
      else expect(Math.abs((scores[name] ?? Number.NaN) - value), `${name} of class ${i}`).toBeLessThan(FLOAT32);
    });
  }
}

describe('mmseg’s IoUMetric on label files', () => {
  const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  test.each(cases.map(({ name }) => name))('%s', async (name) => {
    const expected = parity.parse(JSON.parse(readFileSync(`${folder}${name}/expected.json`, 'utf8')));
    const metrics = metricsFor(expected);
    for (let i = 0; i < expected.images; i++) {
      metrics.add(
        `${i}`,
        await readMap(`${folder}${name}/label_${i}.png`),
        await readMap(`${folder}${name}/pred_${i}.png`),
      );
    }
    const result = metrics.result();
    expect(result.pictures).toBe(expected.images);
    expectFigures(result, expected.metrics);
    for (const mean of ['mIoU', 'mAcc', 'aAcc'] as const) {
      expect(Math.abs((result[mean] ?? Number.NaN) - expected[mean]), mean).toBeLessThan(FLOAT32);
    }
  });
});

describe('mmseg’s IoUMetric on small maps', () => {
  const cases = extra.parse(JSON.parse(readFileSync(`${folder}extra.json`, 'utf8')));
  describe.each(Object.entries(cases))('%s', (_, expected) => {
    const { width, height } = expected;
    test.each([Uint8Array, Uint16Array])('%o', (Values) => {
      const metrics = metricsFor(expected);
      expected.labels.forEach((labels, i) => {
        const prediction = { width, height, labels: Values.from(expected.predictions[i] ?? []) };
        metrics.add(`${i}`, { width, height, labels: Values.from(labels) }, prediction);
      });
      const result = metrics.result();
      expectFigures(result, expected.metrics);
      for (const mean of ['aAcc', 'mIoU', 'mAcc', 'mDice', 'mFscore', 'mPrecision', 'mRecall'] as const) {
        const value = expected.means[mean];
        if (value === null) expect(result[mean], mean).toBeNull();
        else expect(Math.abs((result[mean] ?? Number.NaN) - value), mean).toBeLessThan(FLOAT32);
      }
    });
  });
});

interface Pair {
  readonly truth: LabelMap;
  readonly prediction: LabelMap;
}

function randomPairs(seed: number, count: number, numClasses: number): readonly Pair[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const size = { width: 5 + Math.floor(random() * 20), height: 3 + Math.floor(random() * 20) };
    const values = () => Uint8Array.from({ length: size.width * size.height }, () => Math.floor(random() * numClasses));
    const truth = values();
    for (let i = 0; i < truth.length; i++) if (random() < 0.1) truth[i] = 255;
    return { truth: { ...size, labels: truth }, prediction: { ...size, labels: values() } };
  });
}

function scored(pairs: readonly Pair[], numClasses: number) {
  const metrics = createSegmentationMetrics({ numClasses });
  pairs.forEach(({ truth, prediction }, i) => {
    metrics.add(`${i}`, truth, prediction);
  });
  return metrics;
}

describe('whatever the maps', () => {
  test.each([1, 2, 19, 150, 300])(
    'of %i classes, a perfect prediction has 1 in every figure that is there',
    (numClasses) => {
      const random = seededRandom(numClasses);
      const labels = Uint16Array.from({ length: 40 * 30 }, () => Math.floor(random() * numClasses));
      const truth = { width: 40, height: 30, labels };
      const metrics = createSegmentationMetrics({ numClasses, ignoreIndex: 65535 });
      metrics.add('a', truth, truth);
      const result = metrics.result();
      for (const name of ['mIoU', 'mAcc', 'aAcc', 'mDice', 'mFscore', 'mPrecision', 'mRecall'] as const) {
        expect(result[name]).toBe(1);
      }
      const present = new Set(labels);
      for (const { classIndex, IoU } of result.perClass) expect(IoU).toBe(present.has(classIndex) ? 1 : null);
    },
  );

  test('order and splitting do not matter, and merging is adding', () => {
    const pairs = randomPairs(3, 12, 7);
    const whole = scored(pairs, 7).counts();
    const order = shuffled(seededRandom(4), pairs.length);
    expect(
      scored(
        Array.from(order).flatMap((i) => pairs[i] ?? []),
        7,
      ).counts(),
    ).toEqual(whole);
    for (const shards of [1, 2, 5, 12]) {
      const merged = createSegmentationMetrics({ numClasses: 7 });
      for (let shard = shards - 1; shard >= 0; shard--) {
        const part = scored(
          pairs.filter((_, i) => i % shards === shard),
          7,
        ).counts();
        merged.merge(JSON.parse(JSON.stringify(part)));
      }
      expect(merged.counts()).toEqual(whole);
      expect(merged.result()).toEqual(scored(pairs, 7).result());
    }
  });

  test.each([0, 1, 2, 3])('maps of any width, in memory of any alignment (%i), count as pixel by pixel', (offset) => {
    const random = seededRandom(offset + 1);
    for (const [ofTruth, ofPrediction] of [
      [Uint8Array, Uint8Array],
      [Uint16Array, Uint16Array],
      [Uint8Array, Uint16Array],
      [Uint16Array, Uint8Array],
    ] as const) {
      for (const width of [1, 3, 4, 7, 61]) {
        const confusion = Array.from({ length: 9 }, () => 0);
        const truth = new ofTruth(width * 5 + offset).subarray(offset);
        const prediction = new ofPrediction(width * 5 + offset).subarray(offset);
        for (let i = 0; i < truth.length; i++) {
          const repeats = random() < 0.8 && i > 0;
          truth[i] = repeats ? (truth[i - 1] ?? 0) : Math.floor(random() * 3);
          prediction[i] = repeats ? (prediction[i - 1] ?? 0) : Math.floor(random() * 3);
          const cell = (truth[i] ?? 0) * 3 + (prediction[i] ?? 0);
          confusion[cell] = (confusion[cell] ?? 0) + 1;
        }
        const metrics = createSegmentationMetrics({ numClasses: 3 });
        metrics.add('a', { width, height: 5, labels: truth }, { width, height: 5, labels: prediction });
        expect(metrics.counts().confusion).toEqual(confusion);
      }
    }
  });

  test('swapping the sides transposes the matrix, keeps IoU and Dice and exchanges precision with recall', () => {
    const pairs = randomPairs(5, 4, 6).map(({ truth, prediction }) => ({
      truth: { ...truth, labels: truth.labels.map((value) => (value === 255 ? 0 : value)) },
      prediction,
    }));
    const forth = scored(pairs, 6).result();
    const back = scored(
      pairs.map(({ truth, prediction }) => ({ truth: prediction, prediction: truth })),
      6,
    ).result();
    forth.perClass.forEach((scores, i) => {
      expect(back.perClass[i]).toMatchObject({ IoU: scores.IoU, Dice: scores.Dice });
      expect(back.perClass[i]).toMatchObject({ Precision: scores.Recall, Recall: scores.Precision });
    });
    expect(back.aAcc).toBe(forth.aAcc);
  });

  test('the matrix holds ground truth by row, prediction by column', () => {
    const map = (...labels: readonly number[]) => ({ width: 3, height: 2, labels: Uint8Array.from(labels) });
    const metrics = createSegmentationMetrics({ numClasses: 3 });
    metrics.add('a', map(0, 0, 1, 2, 255, 2), map(0, 1, 1, 0, 2, 0));
    expect(metrics.counts()).toEqual({
      numClasses: 3,
      ignoreIndex: 255,
      reduceZeroLabel: false,
      pictures: 1,
      ignoredPixels: 1,
      confusion: [1, 1, 0, 0, 1, 0, 2, 0, 0],
    });
    const [first] = metrics.result().perClass;
    expect(first).toMatchObject({
      classIndex: 0,
      labelPixels: 2,
      predictedPixels: 3,
      IoU: 1 / 4,
      Acc: 1 / 2,
      Dice: 2 / 5,
    });
    expect(metrics.result()).toMatchObject({ pixels: 5, aAcc: 2 / 5 });
  });

  test('counts beyond 32 bits stay exact', () => {
    const metrics = createSegmentationMetrics({ numClasses: 2 });
    const part = { numClasses: 2, ignoreIndex: 255, reduceZeroLabel: false, pictures: 1, ignoredPixels: 2 ** 40 };
    metrics.merge({ ...part, confusion: [2 ** 50, 1, 0, 3] });
    metrics.merge({ ...part, confusion: [1, 0, 0, 0] });
    expect(metrics.counts().confusion).toEqual([2 ** 50 + 1, 1, 0, 3]);
    expect(metrics.result().ignoredPixels).toBe(2 ** 41);
  });

  test('nothing added: nothing to report', () => {
    const result = createSegmentationMetrics({ numClasses: 2 }).result();
    expect(result).toMatchObject({ mIoU: null, mAcc: null, aAcc: null, mDice: null, pictures: 0, pixels: 0 });
  });
});

describe('what cannot be scored is an error with its place', () => {
  const map = (Values: typeof Uint8Array | typeof Uint16Array, ...labels: readonly number[]) => ({
    width: 2,
    height: 2,
    labels: Values.from(labels),
  });

  test.each([Uint8Array, Uint16Array])('values outside the classes, %o', (Values) => {
    const metrics = createSegmentationMetrics({ numClasses: 3 });
    const good = map(Values, 0, 1, 2, 255);
    metrics.add('good.png', good, map(Values, 0, 1, 2, 200));
    const before = metrics.counts();
    expect(() => metrics.add('bad.png', map(Values, 0, 1, 2, 7), good)).toThrow(
      'bad.png: label at x 1, y 1: expected a class from 0 to 2, or 255 (ignored) but received 7',
    );
    expect(() => metrics.add('bad.png', map(Values, 0, 3, 2, 2), good)).toThrow('reduce_zero_label');
    expect(() => metrics.add('bad.png', good, map(Values, 0, 1, 3, 2))).toThrow(
      'bad.png: prediction at x 0, y 1: expected a class from 0 to 2 but received 3',
    );
    expect(metrics.counts()).toEqual(before);
    metrics.add('good.png', good, good);
    expect(metrics.result()).toMatchObject({ pictures: 2, mIoU: 1 });
  });

  test('with zero reduced, the labels are counted from 1', () => {
    const metrics = createSegmentationMetrics({ numClasses: 3, reduceZeroLabel: true });
    expect(() => metrics.add('a', map(Uint8Array, 0, 3, 4, 255), map(Uint8Array, 0, 2, 0, 0))).toThrow(
      'a: label at x 0, y 1: expected a class from 1 to 3, or 0 or 255 (ignored) but received 4',
    );
  });

  test('sizes', () => {
    const metrics = createSegmentationMetrics({ numClasses: 3 });
    const labels = Uint8Array.from([0, 0, 0, 0]);
    const square = { width: 2, height: 2, labels };
    expect(() => metrics.add('a.png', square, { width: 4, height: 1, labels })).toThrow(
      "a.png: expected a prediction of the labels' size 2x2 but received '4x1'",
    );
    const short = { ...square, labels: labels.subarray(1) };
    expect(() => metrics.add('a.png', square, short)).toThrow(
      'a.png: prediction: expected 4 values for 2x2 but received 3',
    );
  });

  test.each([
    [{ numClasses: 0 }, 'numClasses'],
    [{ numClasses: 2.5 }, 'numClasses'],
    [{ numClasses: 5000 }, 'numClasses'],
    [{ numClasses: 2, ignoreIndex: -1 }, 'ignoreIndex'],
    [{ numClasses: 300, reduceZeroLabel: true }, 'ignoreIndex: expected a value beyond the labels 0 to 300'],
  ])('settings %j', (settings, message) => {
    expect(() => createSegmentationMetrics(settings)).toThrow(message);
  });

  test('counts of other settings, and counts that are none', () => {
    const metrics = createSegmentationMetrics({ numClasses: 2 });
    const counts = metrics.counts();
    expect(() => metrics.merge({ ...counts, ignoreIndex: 0 })).toThrow('ignoreIndex 255');
    expect(() => metrics.merge({ ...counts, confusion: [1] })).toThrow(
      'merge: confusion: expected 4 counts but received 1',
    );
    expect(() => metrics.merge({ ...counts, confusion: [1, 2, -3, 4] })).toThrow('merge: confusion[2]');
    expect(() => metrics.merge({ ...counts, pictures: 0.5 })).toThrow('merge: pictures');
    expect(metrics.counts()).toEqual(counts);
  });
});
