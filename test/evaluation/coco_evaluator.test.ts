import { describe, expect, it } from 'vitest';
import type { CocoArray } from '../../evaluation/coco_curves.js';
import { type CocoEvaluator, createCocoEvaluator, evaluateCoco } from '../../evaluation/coco_evaluator.js';
import { cocoOverlap, matchDetections } from '../../evaluation/coco_matching.js';
import { COCO_STATS, IOU_THRESHOLDS, RECALL_THRESHOLDS } from '../../evaluation/coco_parameters.js';
import type { CocoDetection } from '../../evaluation/coco_records.js';
import { seededRandom, shuffled } from '../random.js';
import {
  type CocoScene,
  extraCases,
  PARITY_CASES,
  parityArrays,
  parityFigures,
  parityScene,
  randomScene,
} from './coco_cases.js';

const largestDifference = (ours: ArrayLike<number>, theirs: ArrayLike<number>) => {
  expect(ours.length).toBe(theirs.length);
  let largest = 0;
  for (let i = 0; i < ours.length; i++) largest = Math.max(largest, Math.abs((ours[i] ?? 0) - (theirs[i] ?? 0)));
  return largest;
};
const evaluate = ({ groundTruth, detections }: CocoScene) => evaluateCoco(groundTruth, detections);

describe.each(PARITY_CASES)('pycocotools on %s', (name) => {
  const summary = evaluate(parityScene(name));

  it('the twelve figures and the AP by category', () => {
    const expected = parityFigures(name);
    const stats = COCO_STATS.map((stat) => summary.stats[stat]);
    expect(expected.names).toEqual(COCO_STATS);
    expect(largestDifference(stats, expected.stats)).toBeLessThan(1e-12);

    const categories = Object.entries(expected.per_category_AP);
    expect(summary.perCategory).toHaveLength(categories.length);
    for (const { id, AP } of summary.perCategory) {
      // A mean over nothing is written as null there; COCO's own word for it is -1.
      expect(Math.abs(AP - (expected.per_category_AP[String(id)] ?? -1))).toBeLessThan(1e-12);
    }
  });
});

describe.each(['crowds', 'small', 'ties'])('pycocotools on %s', (name) => {
  it('every precision, recall and score', () => {
    const summary = evaluate(parityScene(name));
    const expected = parityArrays(name);
    for (const key of ['precision', 'recall', 'scores'] as const) {
      const theirs: CocoArray | undefined = expected.get(key);
      expect(summary[key].shape).toEqual(theirs?.shape);
      expect(largestDifference(summary[key].data, theirs?.data ?? [])).toBe(0);
    }
  });
});

describe('pycocotools on further corners', () => {
  it.each(extraCases())('$kind', ({ groundTruth, detections, max_detections, expected }) => {
    const summary = evaluateCoco(groundTruth, detections, { maxDetections: max_detections });
    const stats = COCO_STATS.map((stat) => summary.stats[stat]);
    expect(largestDifference(stats, expected.stats)).toBeLessThan(1e-12);
    expect(largestDifference(summary.recall.data, expected.recall)).toBe(0);
    expect(largestDifference(recallSums(summary.precision), expected.precision_sums)).toBeLessThan(1e-12);
    expect(largestDifference(recallSums(summary.scores), expected.score_sums)).toBeLessThan(1e-12);
  });

  it('says so where an id of 0 costs a match', () => {
    const notes = extraCases().map(({ kind, groundTruth, detections }) => [
      kind,
      evaluateCoco(groundTruth, detections).notes.length,
    ]);
    expect(notes.filter(([, count]) => count !== 0)).toEqual([['id_zero', 1]]);
  });
});

/** `[T, R, K, A, M]` -> `[T, K, A, M]`, summed in order. */
function recallSums({ shape, data }: CocoArray): Float64Array {
  const [thresholds = 0, recalls = 0, ...rest] = shape;
  const inner = rest.reduce((product, extent) => product * extent, 1);
  const sums = new Float64Array(thresholds * inner);
  data.forEach((value, i) => {
    const at = Math.floor(i / (recalls * inner)) * inner + (i % inner);
    sums[at] = (sums[at] ?? 0) + value;
  });
  return sums;
}

describe('what must not change the figures', () => {
  const figuresOf = (scene: CocoScene) => {
    const { stats, perCategory, precision, recall, scores } = evaluate(scene);
    return { stats, perCategory, precision, recall, scores };
  };
  const reordered = <T>(list: readonly T[], seed: number): T[] =>
    [...shuffled(seededRandom(seed), list.length)].flatMap((i) => list.slice(i, i + 1));

  it.each([1, 2, 3, 4, 5, 6])('the order of detections, pictures and categories: scene %i', (seed) => {
    const { groundTruth, detections } = randomScene(seed);
    const { images, categories, annotations } = groundTruth;
    const other = {
      groundTruth: {
        images: reordered(images, seed + 1),
        categories: reordered(categories, seed + 2),
        annotations: reordered(annotations, seed + 3),
      },
      detections: reordered(detections, seed + 4),
    };
    expect(figuresOf(other)).toEqual(figuresOf({ groundTruth, detections }));
  });

  it.each(['ties', 'crowds', 'sparse_ids'])('the order of pictures, with equal scores: %s', (name) => {
    const { groundTruth, detections } = parityScene(name);
    const backwards = { ...groundTruth, images: groundTruth.images.toReversed() };
    expect(figuresOf({ groundTruth: backwards, detections })).toEqual(figuresOf({ groundTruth, detections }));
  });

  it.each([1, 2, 3])('boxes of score 0 beyond the hundred that count: scene %i', (seed) => {
    const { groundTruth, detections } = randomScene(seed);
    const boxes = (score: number, count: number) =>
      groundTruth.images.flatMap(({ id: image_id }) =>
        groundTruth.categories.flatMap(({ id: category_id }) =>
          Array.from(
            { length: count },
            (_, i): CocoDetection => ({ image_id, category_id, bbox: [i, i, 9, 9], score }),
          ),
        ),
      );
    const full = [...detections, ...boxes(0.001, 100)];
    const padded = [...boxes(0, 30), ...full, ...boxes(0, 30)];
    expect(figuresOf({ groundTruth, detections: padded })).toEqual(figuresOf({ groundTruth, detections: full }));
  });

  it('asking for the figures in between', () => {
    const { groundTruth, detections } = randomScene(9);
    const evaluator = createCocoEvaluator(groundTruth.categories);
    for (const { id } of groundTruth.images) {
      const inPicture = ({ image_id }: { readonly image_id: number }) => image_id === id;
      evaluator.add(id, groundTruth.annotations.filter(inPicture), detections.filter(inPicture));
      evaluator.result();
    }
    expect(evaluator.result()).toEqual(evaluate({ groundTruth, detections }));
  });
});

describe('what is known without a reference', () => {
  it.each([1, 2, 3])('detections that are the objects give 1 everywhere: scene %i', (seed) => {
    const { groundTruth } = randomScene(seed);
    const detections = groundTruth.annotations.map(({ image_id, category_id, bbox }) => ({
      image_id,
      category_id,
      bbox,
      score: 0.5,
    }));
    const { stats, perCategory } = evaluate({ groundTruth, detections });
    for (const stat of ['AP', 'AP50', 'AP75', 'APm', 'AR10', 'AR100'] as const) expect(stats[stat]).toBe(1);
    for (const { AP } of perCategory) expect(AP).toBe(1);
  });

  it('one right box before a wrong one, of two objects: half the recall', () => {
    const object = (id: number, x: number) => ({
      id,
      image_id: 1,
      category_id: 1,
      bbox: [x, 0, 10, 10] as const,
      area: 100,
    });
    const box = (x: number, score: number) => ({ image_id: 1, category_id: 1, bbox: [x, 0, 10, 10] as const, score });
    const { stats, counts } = evaluate({
      groundTruth: {
        images: [{ id: 1 }],
        categories: [{ id: 1, name: 'one' }],
        annotations: [object(1, 0), object(2, 50)],
      },
      detections: [box(0, 0.9), box(200, 0.8)],
    });
    // Recalls 0 to 0.5 are 51 of the 101.
    expect(stats.AP).toBeCloseTo(51 / 101, 12);
    expect(stats.APs).toBeCloseTo(51 / 101, 12);
    expect(stats.AR100).toBe(0.5);
    expect(stats.APl).toBe(-1);
    expect(counts).toEqual({ pictures: 1, objects: 2, detections: 2 });
  });

  it('overlaps of hand-made boxes', () => {
    expect(cocoOverlap([0, 0, 10, 10], [5, 0, 10, 10], false)).toBe(50 / 150);
    expect(cocoOverlap([0, 0, 10, 10], [5, 0, 10, 10], true)).toBe(50 / 100);
    expect(cocoOverlap([0, 0, 10, 10], [10, 0, 10, 10], false)).toBe(0);
    expect(cocoOverlap([3, 3, 0, 0], [0, 0, 10, 10], true)).toBe(0);
  });

  it('matches of hand-made boxes: bit t is right at threshold t, bit 16 + t wrong', () => {
    const objects = [4, 6].map((x, i) => ({ id: i + 1, category_id: 1, bbox: [x, 0, 10, 10] as const, area: 100 }));
    const box = (x: number, height = 10) => ({ category_id: 1, bbox: [x, 0, 10, height] as const, score: 0.5 });
    const over = (...detections: ReturnType<typeof box>[]) => {
      const outcomes = new Uint32Array(detections.length * 4);
      matchDetections(objects, detections, outcomes);
      // Of the four ranges of sizes, all.
      return detections.map((_, d) => [(outcomes[d * 4] ?? 0) & 0x3ff, (outcomes[d * 4] ?? 0) >>> 16]);
    };
    // Both objects are overlapped by 9 / 11: the later is taken, and leaves 7 / 13 to the next detection.
    expect(over(box(5), box(7))).toEqual([
      [0b0001111111, 0b1110000000],
      [0b0000000001, 0b1111111110],
    ]);
    // An overlap of exactly a half passes at the first threshold.
    expect(over(box(4, 5))).toEqual([[0b0000000001, 0b1111111110]]);
  });

  it("thresholds are numpy's linspace to the last bit", () => {
    expect(IOU_THRESHOLDS).toEqual([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95]);
    expect(RECALL_THRESHOLDS.slice(27, 31)).toEqual([0.27, 0.28, 0.29, 0.3]);
    expect(RECALL_THRESHOLDS[35]).toBe(0.35000000000000003);
    expect(RECALL_THRESHOLDS).toHaveLength(101);
  });
});

describe('mistakes', () => {
  const categories = [{ id: 3, name: 'three' }];
  const object = { id: 1, category_id: 3, bbox: [0, 0, 5, 5] as const, area: 25 };
  const box = { category_id: 3, bbox: [0, 0, 5, 5] as const, score: 0.5 };

  type Picture = Parameters<CocoEvaluator['add']>;
  const cases: readonly [name: string, picture: Picture, message: RegExp][] = [
    ['a picture twice', [7, [], []], /each picture once but received 7/],
    [
      'an unknown category',
      [8, [object], [box, { ...box, category_id: 4 }]],
      /picture 8: detections\[1\]\.category_id: expected one of 3 but received 4/,
    ],
    [
      'a score of NaN',
      [8, [], [{ ...box, score: Number.NaN }]],
      /picture 8: detections\[0\]\.score: expected a finite number but received 'NaN'/,
    ],
    [
      'a negative width',
      [8, [], [{ ...box, bbox: [0, 0, -1, 5] }]],
      /detections\[0\]\.bbox: .* but received '0, 0, -1, 5'/,
    ],
    ['an endless box', [8, [{ ...object, bbox: [0, 0, 1, Number.POSITIVE_INFINITY] }], []], /objects\[0\]\.bbox/],
    ['an area of NaN', [8, [{ ...object, area: Number.NaN }], []], /objects\[0\]\.area: .*'NaN'/],
  ];
  it.each(cases)('%s', (_, [imageId, objects, detections], message) => {
    const evaluator = createCocoEvaluator(categories);
    evaluator.add(7, [object], [box]);
    const before = evaluator.result();
    expect(() => evaluator.add(imageId, objects, detections)).toThrow(message);
    expect(evaluator.result()).toEqual(before);
    evaluator.add(9, [object], [box]);
    expect(evaluator.result().stats.AP).toBe(1);
  });

  it('categories of one id, and limits that do not ascend', () => {
    expect(() => createCocoEvaluator([...categories, ...categories])).toThrow(
      /categories: expected each id once but received 3/,
    );
    expect(() => createCocoEvaluator(categories, { maxDetections: [1, 1, 100] })).toThrow(
      /maxDetections: .*\[1,1,100\]/,
    );
  });

  it('detections of a picture that the ground truth lacks', () => {
    const groundTruth = { images: [{ id: 1 }], categories, annotations: [] };
    expect(() => evaluateCoco(groundTruth, [{ ...box, image_id: 2 }])).toThrow(
      /detections\[0\]\.image_id: expected one of 1 but received 2/,
    );
  });
});
