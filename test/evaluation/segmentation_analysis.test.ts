import { expect, it } from 'vitest';
import { createSegmentationAnalyser } from '../../evaluation/segmentation_analysis.js';

const map = (...labels: number[]) => ({ width: labels.length, height: 1, labels: Uint8Array.from(labels) });

it('tells classes, shares, confusions and the worst pictures', () => {
  const analyser = createSegmentationAnalyser({ numClasses: 3 }, { worst: 2 });
  analyser.add('good', map(0, 0, 1, 1), map(0, 0, 1, 1));
  analyser.add('poor', map(0, 1, 1, 255), map(1, 1, 0, 0));
  analyser.add('bad', map(2, 2), map(0, 0));
  const { scores, shares, confusion, confusions, worst } = analyser.result();
  expect(confusion).toEqual([
    [2, 1, 0],
    [1, 3, 0],
    [2, 0, 0],
  ]);
  expect(scores.perClass.map(({ IoU }) => IoU)).toEqual([2 / 6, 3 / 5, 0]);
  expect(scores).toMatchObject({ pictures: 3, pixels: 9, ignoredPixels: 1 });
  expect(shares).toEqual([
    { label: 3 / 9, predicted: 5 / 9 },
    { label: 4 / 9, predicted: 4 / 9 },
    { label: 2 / 9, predicted: 0 },
  ]);
  expect(confusions[0]).toEqual({ label: 2, predicted: 0, pixels: 2 });
  expect(worst.map(({ picture, wrongPixels }) => [picture, wrongPixels])).toEqual([
    ['bad', 2],
    ['poor', 2],
  ]);
  expect(worst[1]?.wrong).toBeCloseTo(2 / 3, 12);
});

it('takes nothing in of a picture whose labels are no classes', () => {
  const analyser = createSegmentationAnalyser({ numClasses: 2 });
  expect(() => analyser.add('x.png', map(0, 7), map(0, 0))).toThrow(/x\.png: label at x 1, y 0/);
  expect(analyser.result().scores.pictures).toBe(0);
});
