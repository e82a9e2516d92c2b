import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createVocMap, type VocDetection, type VocObject } from '../../evaluation/voc_map.js';
import { randomBoxes, seededRandom, shuffled } from '../random.js';

const folder = new URL('../fixtures/voc/', import.meta.url);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const perClass = z.array(z.number().nullable());
const pictures = z.object({
  classes: z.int(),
  ground_truth: z.array(z.array(z.object({ bbox_xyxy: box, label: z.int(), difficult: z.boolean() }))),
  detections: z.array(z.array(z.object({ bbox_xyxy: box, label: z.int(), score: z.number() }))),
});
const parity = pictures.extend({ expected: z.record(z.string(), z.object({ mAP: z.number(), AP: perClass })) });
const curves = z.array(z.array(z.number()));
const extra = pictures.extend({
  expected: z.array(
    z.object({
      iou: z.number(),
      mode: z.enum(['area', '11points']),
      legacy: z.boolean(),
      mAP: z.number(),
      AP: perClass,
      recall: curves.optional(),
      precision: curves.optional(),
    }),
  ),
});

/** mmdet rounds each AP and its sums to float32. */
const FLOAT32 = 1e-7;
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

function mapOf(data: z.infer<typeof pictures>, iouThresholds: readonly number[], legacyCoordinates = false) {
  const map = createVocMap({
    numClasses: data.classes,
    iouThresholds,
    legacyCoordinates,
    invertedDetections: 'score',
  });
  data.ground_truth.forEach((objects, i) => {
    map.add(
      i,
      objects.map(({ bbox_xyxy, label, difficult }) => ({ box: bbox_xyxy, classIndex: label, difficult })),
      (data.detections[i] ?? []).map(({ bbox_xyxy, label, score }) => ({ box: bbox_xyxy, classIndex: label, score })),
    );
  });
  return map;
}

function expectClose(values: readonly (number | null)[], expected: readonly (number | null)[]): void {
  expect(values.map((value) => value === null)).toEqual(expected.map((value) => value === null));
  values.forEach((value, i) => {
    expect(Math.abs((value ?? 0) - (expected[i] ?? 0)), `entry ${i}`).toBeLessThan(FLOAT32);
  });
}

describe('mmdet’s eval_map', () => {
  test.each(files.filter((name) => !name.startsWith('extra_')))('%s', (name) => {
    const data = parity.parse(read(name));
    const map = mapOf(data, [0.5, 0.75]);
    expect(Object.keys(data.expected)).toHaveLength(4);
    for (const [key, { mAP, AP }] of Object.entries(data.expected)) {
      const [mode, iou] = key.split('@');
      const result = map.result({ iouThreshold: Number(iou), mode: mode === 'area' ? 'area' : '11points' });
      expectClose(
        result.perClass.map((one) => one.AP),
        AP,
      );
      expectClose([result.mAP], [mAP]);
    }
  });

  test.each(files.filter((name) => name.startsWith('extra_')))('%s', (name) => {
    const data = extra.parse(read(name));
    for (const { iou, mode, legacy, mAP, AP, recall, precision } of data.expected) {
      const result = mapOf(data, [iou], legacy).result({ mode });
      expectClose(
        result.perClass.map((one) => one.AP),
        AP,
      );
      expectClose([result.mAP], [mAP]);
      for (const [i, { curve }] of result.perClass.entries()) {
        if (recall !== undefined) expectClose(Array.from(curve.recall), recall[i] ?? []);
        if (precision !== undefined) expectClose(Array.from(curve.precision), precision[i] ?? []);
      }
    }
  });
});

interface Picture {
  readonly objects: readonly VocObject[];
  readonly detections: readonly VocDetection[];
}

/** Scores on a coarse grid: many ties, within pictures and across. */
function randomPictures(seed: number, count: number): readonly Picture[] {
  const random = seededRandom(seed);
  const at = (boxes: Float32Array, i: number) => Array.from(boxes.subarray(4 * i, 4 * i + 4));
  return Array.from({ length: count }, () => {
    const objects = Array.from({ length: Math.floor(random() * 5) }, (): VocObject => {
      const place = box.parse(at(randomBoxes(random, 1, 80), 0));
      return { box: place, classIndex: Math.floor(random() * 3), difficult: random() < 0.2 };
    });
    const near = objects
      .flatMap((object) => [object, object])
      .map(({ box: [x1, y1, x2, y2], classIndex }) => ({
        box: box.parse([x1, y1, x2 + random() * 2, y2 + random() * 2]),
        classIndex,
      }));
    const far = { box: box.parse(at(randomBoxes(random, 1, 80), 0)), classIndex: Math.floor(random() * 3) };
    const detections = [...near, far].map((one) => ({ ...one, score: Math.ceil(random() * 8) / 8 }));
    return { objects, detections };
  });
}

const options = { numClasses: 3, iouThresholds: [0.5, 0.8] };
function scored(pictures: readonly (readonly [number, Picture])[]) {
  const map = createVocMap(options);
  for (const [id, { objects, detections }] of pictures) map.add(id, objects, detections);
  return map;
}

describe('whatever the boxes', () => {
  const entries = randomPictures(11, 30).map((picture, i) => [i, picture] as const);
  const whole = scored(entries).result({ iouThreshold: 0.8 });

  test('the case is a real one', () => {
    expect(whole.mAP).toBeGreaterThan(0.2);
    expect(whole.mAP).toBeLessThan(0.8);
  });

  test('the order of the pictures does not matter', () => {
    const order = Array.from(shuffled(seededRandom(5), entries.length)).flatMap((i) => {
      const entry = entries[i];
      return entry === undefined ? [] : [entry];
    });
    expect(scored(order).result({ iouThreshold: 0.8 })).toEqual(whole);
  });

  test.each([2, 3, 30])('%i shards, merged from JSON in any order, are the whole', (shards) => {
    const merged = createVocMap(options);
    for (const shard of shuffled(seededRandom(shards), shards)) {
      merged.merge(JSON.parse(JSON.stringify(scored(entries.filter(([id]) => id % shards === shard)).counts())));
    }
    expect(merged.result({ iouThreshold: 0.8 })).toEqual(whole);
  });

  test('with scores that differ, the order of the detections does not matter', () => {
    const different = entries.map(([id, { objects, detections }]) => {
      const spread = detections.map((one, i) => ({ ...one, score: one.score + id / 1e3 + i / 1e5 }));
      return [id, { objects, detections: spread }] as const;
    });
    const reversed = different.map(
      ([id, { objects, detections }]) => [id, { objects, detections: detections.toReversed() }] as const,
    );
    expect(scored(reversed).result()).toEqual(scored(different).result());
  });

  test.each(['area', '11points'] as const)('perfect detections have AP 1, %s', (mode) => {
    const map = createVocMap({ numClasses: 4 });
    for (const [id, { objects }] of entries) {
      map.add(
        id,
        objects,
        objects.map(({ box, classIndex }, i) => ({ box, classIndex, score: 1 - i / 100 })),
      );
    }
    const result = map.result({ mode });
    for (const { AP, objects, classIndex } of result.perClass) {
      if (classIndex === 3) expect(AP).toBeNull();
      else expect(AP).toBeCloseTo(1, 12);
      expect(objects).toBe(
        entries
          .flatMap(([, picture]) => picture.objects)
          .filter((one) => one.classIndex === classIndex && !one.difficult).length,
      );
    }
    expect(result.mAP).toBeCloseTo(1, 12);
  });

  test('false boxes below every score leave the area as it is', () => {
    const padded = entries.map(([id, { objects, detections }]) => {
      const low = { box: [500, 500, 510, 510], classIndex: 1, score: 0.01 } as const;
      return [id, { objects, detections: [...detections, low, low] }] as const;
    });
    const { mAP, perClass } = scored(padded).result({ iouThreshold: 0.8 });
    expect(mAP).toBe(whole.mAP);
    expect(perClass[1]?.detections).toBe((whole.perClass[1]?.detections ?? 0) + 60);
  });

  test('equal scores of several pictures stand in the order of the ids: numbers, then strings', () => {
    const object = { box: [0, 0, 9, 9], classIndex: 0 } as const;
    const elsewhere = { box: [20, 20, 30, 30], classIndex: 0, score: 0.5 } as const;
    const first = (hit: string | number, miss: string | number) => {
      const map = createVocMap({ numClasses: 1 });
      map.add(miss, [], [elsewhere]);
      map.add(hit, [object], [{ ...object, score: 0.5 }]);
      return map.result().perClass[0]?.curve.precision[0];
    };
    expect([first(2, 10), first(10, 2), first('b', 'a'), first('a', 'b'), first(7, '1'), first('1', 7)]).toEqual([
      1, 0, 0, 1, 1, 0,
    ]);
  });

  test('nothing added: 0, as in mmdet, and no class has an AP', () => {
    const { mAP, perClass } = createVocMap({ numClasses: 2 }).result();
    expect(mAP).toBe(0);
    expect(perClass.map(({ AP, objects, detections }) => [AP, objects, detections])).toEqual([
      [null, 0, 0],
      [null, 0, 0],
    ]);
  });
});

describe('what cannot be scored is an error with its place', () => {
  const object = { box: [0, 0, 9, 9], classIndex: 0 } as const;
  const detection = { ...object, score: 0.5 };
  test.each([
    [{ ...detection, score: Number.NaN }, "picture a: detection 1: score: expected a finite number but received 'NaN'"],
    [
      { ...detection, classIndex: 2 },
      'picture a: detection 1: classIndex: expected a class from 0 to 1 but received 2',
    ],
    [{ ...detection, classIndex: 0.5 }, 'classIndex'],
    [
      { ...detection, box: [5, 0, 4, 9] as const },
      'detection 1: box: expected x1 <= x2 and y1 <= y2 in [x1, y1, x2, y2] but received [5,0,4,9]',
    ],
    [{ ...detection, box: [0, 0, Number.POSITIVE_INFINITY, 9] as const }, "'0, 0, Infinity, 9'"],
  ])('a detection: %j', (bad, message) => {
    const map = createVocMap({ numClasses: 2 });
    expect(() => map.add('a', [object], [detection, bad])).toThrow(message);
    expect(map.counts().pictures).toEqual([]);
  });

  test('an object', () => {
    const map = createVocMap({ numClasses: 1 });
    expect(() => map.add(7, [object, { ...object, classIndex: -1 }], [])).toThrow('picture 7: object 1: classIndex');
  });

  test('an inverted detection is scored on demand, as a false one, and counted; an inverted object never', () => {
    const map = createVocMap({ numClasses: 1, invertedDetections: 'score' });
    const inverted = { box: [5, 0, 4, 9], classIndex: 0, score: 0.9 } as const;
    map.add('a', [object], [inverted, detection]);
    expect(map.result()).toMatchObject({ mAP: 0.5, invertedDetections: 1 });
    expect(() => map.add('b', [inverted], [])).toThrow('picture b: object 0: box: expected x1 <= x2');
  });

  test('a picture twice, added or merged', () => {
    const map = createVocMap({ numClasses: 1 });
    map.add('a', [object], [detection]);
    expect(() => map.add('a', [], [])).toThrow("each picture once but received 'a'");
    expect(() => map.merge(map.counts())).toThrow("merge: pictures: expected each picture once but received 'a'");
    expect(map.counts().pictures).toHaveLength(1);
  });

  test('settings, and counts of other settings', () => {
    expect(() => createVocMap({ numClasses: 0 })).toThrow('numClasses');
    expect(() => createVocMap({ numClasses: 1, iouThresholds: [] })).toThrow('iouThresholds');
    expect(() => createVocMap({ numClasses: 1, iouThresholds: [50] })).toThrow('iouThresholds');
    const map = createVocMap({ numClasses: 1 });
    expect(() => map.result({ iouThreshold: 0.75 })).toThrow('iouThreshold: expected one of 0.5 but received 0.75');
    const other = createVocMap({ numClasses: 1, legacyCoordinates: true });
    expect(() => map.merge(other.counts())).toThrow('legacyCoordinates false');
    const torn = {
      imageId: 1,
      inverted: 0,
      classes: [{ classIndex: 0, objects: 0, scores: [1, 2], outcomes: [[1 as const]] }],
    };
    expect(() => map.merge({ ...map.counts(), pictures: [torn] })).toThrow('merge: picture 1: class 0: outcomes');
  });
});
