import { describe, expect, it } from 'vitest';
import { splitMix } from '../../core/random.js';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import { createDetectionAnalyser } from '../../evaluation/detection_analysis.js';
import { createDetectionConfusion, matchAcrossCategories } from '../../evaluation/detection_confusion.js';
import {
  bestMacroThreshold,
  bestThreshold,
  calibration,
  confidenceCurve,
  scoreHistogram,
} from '../../evaluation/score_profile.js';
import { tideMarks, weightOfErrors } from '../../evaluation/tide_marks.js';
import { createWorstPictures } from '../../evaluation/worst_pictures.js';
import { PARITY_CASES, parityFigures, parityScene } from './coco_cases.js';

function analyse(name: string) {
  const { groundTruth, detections } = parityScene(name);
  const analyser = createDetectionAnalyser(groundTruth.categories);
  for (const { id } of groundTruth.images) {
    analyser.add(
      id,
      groundTruth.annotations.filter(({ image_id }) => image_id === id),
      detections.filter(({ image_id }) => image_id === id),
    );
  }
  return { result: analyser.result(), groundTruth, detections };
}

describe('on the cases of pycocotools', () => {
  it.each(PARITY_CASES)('%s: AP by class is that of COCO', (name) => {
    const { result } = analyse(name);
    const expected = parityFigures(name).per_category_AP;
    for (const { id, AP } of result.categories) {
      const wanted = expected[String(id)] ?? null;
      if (wanted === null || wanted === -1) expect(AP.all).toBeNull();
      else expect(AP.all).toBeCloseTo(wanted, 9);
    }
  });

  it('means over the classes are those of COCO by size and overlap', () => {
    const { result } = analyse('eighty_categories');
    const mean = (values: readonly (number | null)[]) => {
      const known = values.filter((value) => value !== null);
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    };
    const { categories, coco } = result;
    expect(mean(categories.map(({ AP50 }) => AP50))).toBeCloseTo(coco.stats.AP50, 9);
    expect(mean(categories.map(({ AP75 }) => AP75))).toBeCloseTo(coco.stats.AP75, 9);
    expect(mean(categories.map(({ AP }) => AP.small))).toBeCloseTo(coco.stats.APs, 9);
    expect(mean(categories.map(({ AP }) => AP.large))).toBeCloseTo(coco.stats.APl, 9);
    expect(mean(categories.map(({ AR }) => AR))).toBeCloseTo(coco.stats.AR100, 9);
    expect(categories.every(({ precision50 }) => [0, 101].includes(precision50.length))).toBe(true);
  });

  it('the confusion matrix has every object once', () => {
    const { result, groundTruth } = analyse('eighty_categories');
    result.categories.forEach(({ id }, k) => {
      const own = groundTruth.annotations.filter(({ category_id, iscrowd }) => category_id === id && !iscrowd);
      expect(result.confusion[k]?.reduce((sum, count) => sum + count, 0)).toBe(own.length);
    });
  });
});

const object = (id: number, category_id: number, bbox: CocoBbox) => ({ id, category_id, bbox, area: 100 });
const found = (category_id: number, bbox: CocoBbox, score: number) => ({ category_id, bbox, score });
const thresholds = { score: 0.3, overlap: 0.5 };

describe('matchAcrossCategories', () => {
  const objects = [
    object(1, 1, [0, 0, 10, 10]),
    object(2, 2, [0, 0, 10, 10]),
    object(3, 1, [50, 0, 10, 10]),
    object(4, 2, [90, 0, 10, 10]),
  ];
  const marks = matchAcrossCategories(
    objects,
    [
      found(2, [0, 0, 10, 10], 0.9),
      found(2, [50, 0, 10, 10], 0.8),
      found(1, [200, 0, 10, 10], 0.5),
      found(2, [90, 0, 10, 10], 0.2),
    ],
    thresholds,
  );

  it('prefers the own category among equal overlaps, and counts the rest', () => {
    expect(marks.map(({ kind, object: of }) => [kind, of?.id])).toEqual([
      ['right', 2],
      ['confused', 3],
      ['false', undefined],
      ['missed', 1],
      ['missed', 4],
    ]);
    const confusion = createDetectionConfusion([1, 2]);
    confusion.add(marks);
    expect(confusion.matrix()).toEqual([
      [0, 1, 1],
      [0, 1, 1],
      [1, 0, 0],
    ]);
  });

  it('leaves out what lies in a crowd of its category', () => {
    const crowd = { ...object(1, 1, [0, 0, 100, 100]), iscrowd: 1 as const };
    const inside = [found(1, [5, 5, 10, 10], 0.9), found(2, [5, 5, 10, 10], 0.8)];
    expect(matchAcrossCategories([crowd], inside, thresholds).map(({ kind }) => kind)).toEqual(['false']);
  });
});

it('marks what became of each box by the kinds of TIDE', () => {
  const objects = [
    object(1, 1, [0, 0, 10, 10]),
    object(2, 1, [50, 0, 10, 10]),
    object(3, 1, [90, 0, 10, 10]),
    { ...object(4, 1, [200, 0, 100, 100]), iscrowd: 1 as const },
  ];
  const detections = [
    found(1, [0, 0, 10, 10], 0.9),
    found(2, [50, 0, 10, 10], 0.75),
    found(1, [150, 0, 10, 10], 0.5),
    found(1, [210, 10, 10, 10], 0.5),
    found(1, [90, 0, 10, 10], 0.2),
  ];
  const marks = tideMarks(objects, detections, 0.3);
  expect(marks.map(({ kind, object: of }) => [kind, of?.id])).toEqual([
    ['right', 1],
    ['classification', 2],
    ['background', undefined],
    ['missed', 3],
  ]);
  expect(weightOfErrors(marks)).toBe(0.75 + 0.5 + 1);
});

describe('scores', () => {
  const outcomes = { scores: [0.9, 0.8, 0.8, 0.3], right: [true, true, false, true], objects: 4 };

  it('finds the threshold of the best F1', () => {
    // 0.9: 2/5; 0.8: 4/7; 0.3: 6/8
    expect(bestThreshold(outcomes)).toEqual({ threshold: 0.3, F1: 0.75, precision: 0.75, recall: 0.75 });
    expect(bestThreshold({ ...outcomes, right: [true, true, false, false] })).toEqual({
      threshold: 0.8,
      F1: 4 / 7,
      precision: 2 / 3,
      recall: 0.5,
    });
    expect(bestThreshold({ scores: [0.5], right: [false], objects: 1 })).toBeNull();
    expect(bestThreshold({ scores: [], right: [], objects: 0 })).toBeNull();
  });

  it('tells precision, recall and F1 at each threshold', () => {
    const curve = confidenceCurve(outcomes);
    const at = (threshold: number) => {
      const i = Math.round(threshold * 100);
      return [curve?.precision[i], curve?.recall[i], curve?.F1[i]];
    };
    expect(curve?.F1).toHaveLength(101);
    expect(at(0)).toEqual([0.75, 0.75, 0.75]);
    expect(at(0.3)).toEqual([0.75, 0.75, 0.75]);
    expect(at(0.31)).toEqual([2 / 3, 0.5, 4 / 7]);
    expect(at(0.8)).toEqual([2 / 3, 0.5, 4 / 7]);
    expect(at(0.9)).toEqual([1, 0.25, 2 / 5]);
    expect(at(0.91)).toEqual([null, 0, 0]);
    expect(confidenceCurve({ scores: [1.5], right: [true], objects: 1 })).toBeNull();
    expect(confidenceCurve({ scores: [], right: [], objects: 0 })?.F1[0]).toBeNull();
  });

  it('finds the thresholds over all classes that trying all of them finds', () => {
    const random = splitMix(7);
    const categories = Array.from({ length: 5 }, (_, k) => {
      const scores = Array.from({ length: 40 * k }, () => Math.round(random() * 50) / 50);
      const right = scores.map((score) => random() < score * 0.8);
      // The last category has detections and no object.
      const objects = k === 4 ? 0 : right.filter(Boolean).length + 3;
      return { scores, right: k === 4 ? right.map(() => false) : right, objects };
    });
    const f1 = ({ scores, right, objects }: (typeof categories)[number], threshold: number) => {
      const kept = scores.flatMap((score, i) => (score >= threshold ? [right[i]] : []));
      return (2 * kept.filter(Boolean).length) / (kept.length + objects);
    };
    const pooled = {
      scores: categories.flatMap(({ scores }) => scores),
      right: categories.flatMap(({ right }) => right),
      objects: categories.reduce((sum, { objects }) => sum + objects, 0),
    };
    const counted = categories.filter(({ objects }) => objects > 0);
    const macro = (threshold: number) =>
      counted.reduce((sum, category) => sum + f1(category, threshold), 0) / counted.length;
    const thresholds = [...new Set(pooled.scores)];
    expect(bestThreshold(pooled)?.F1).toBeCloseTo(Math.max(...thresholds.map((one) => f1(pooled, one))), 12);
    const best = bestMacroThreshold(categories);
    expect(best?.F1).toBeCloseTo(Math.max(...thresholds.map(macro)), 12);
    expect(best?.F1).toBeCloseTo(macro(best?.threshold ?? -1), 12);
    expect(bestMacroThreshold([{ scores: [0.5], right: [false], objects: 1 }])).toBeNull();
  });

  it('counts by score, 1 in the last bin', () => {
    const bins = scoreHistogram({ scores: [0, 0.05, 1, 7, -2], right: [true, false, true, false, false], objects: 1 });
    expect(bins).toHaveLength(20);
    expect(bins[0]).toEqual({ from: 0, to: 0.05, right: 1, wrong: 1 });
    expect(bins[1]).toEqual({ from: 0.05, to: 0.1, right: 0, wrong: 1 });
    expect(bins[19]).toEqual({ from: 0.95, to: 1, right: 1, wrong: 1 });
  });

  it('measures calibration', () => {
    // Bins (0.8667, 0.9333]: |1 - 0.9|; (0.7333, 0.8]: |1 - 1.6|; (0.2667, 0.3333]: |1 - 0.3|; over four detections.
    const result = calibration(outcomes);
    expect(result?.ECE).toBeCloseTo((0.1 + 0.6 + 0.7) / 4, 12);
    expect(result?.bins.map(({ count }) => count)).toEqual([1, 2, 1]);
    expect(calibration({ scores: [1.5], right: [true], objects: 1 })).toBeNull();
    expect(calibration({ scores: [], right: [], objects: 1 })).toBeNull();
  });
});

it('keeps the worst pictures', () => {
  const worst = createWorstPictures<string>(2);
  for (const [name, weight] of Object.entries({ a: 1, b: 0, c: 3, d: 1, e: 2, f: 3 })) worst.offer(weight, () => name);
  expect(worst.list()).toEqual(['c', 'f']);
  const none = createWorstPictures<string>(0);
  none.offer(1, () => 'a');
  expect(none.list()).toEqual([]);
});
