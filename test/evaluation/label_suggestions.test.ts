import { expect, it } from 'vitest';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import { createLabelSuggester } from '../../evaluation/label_suggestions.js';

const object = (id: number, category_id: number, bbox: CocoBbox, iscrowd: 0 | 1 = 0) => ({
  id,
  category_id,
  bbox,
  area: bbox[2] * bbox[3],
  iscrowd,
});
const found = (category_id: number, bbox: CocoBbox, score: number) => ({ category_id, bbox, score });

it('suggests labels that are missing, one a place, outside of crowds and labelled objects', () => {
  const suggester = createLabelSuggester();
  suggester.add(
    5,
    [object(1, 1, [0, 0, 10, 10]), object(2, 1, [100, 100, 100, 100], 1)],
    [
      found(1, [50, 0, 10, 10], 0.8),
      found(2, [50, 1, 10, 10], 0.9),
      found(1, [0, 5, 10, 10], 0.9),
      found(3, [120, 120, 10, 10], 0.9),
      found(1, [80, 0, 10, 10], 0.6),
      found(1, [300, 0, 10, 10], 0.4),
    ],
  );
  const { missing } = suggester.result(0.5);
  expect(missing.count).toBe(2);
  expect(missing.list.map(({ imageId, detection }) => [imageId, detection.score])).toEqual([
    [5, 0.9],
    [5, 0.6],
  ]);
});

it('suggests labels that nothing finds at any score, the largest first', () => {
  const suggester = createLabelSuggester(2);
  suggester.add(
    1,
    [object(1, 1, [0, 0, 10, 10]), object(2, 1, [50, 0, 20, 20]), object(3, 1, [100, 0, 30, 30])],
    [found(2, [0, 0, 10, 10], 0.01), found(1, [50, 0, 20, 8], 0.9)],
  );
  suggester.add(2, [object(4, 1, [0, 0, 5, 5]), object(5, 1, [0, 0, 90, 90], 1)], []);
  const { unfound } = suggester.result(0.5);
  expect(unfound.count).toBe(3);
  expect(unfound.list.map(({ object: { id }, overlap }) => [id, overlap])).toEqual([
    [3, 0],
    [2, 0.4],
  ]);
});

it('suggests another class where the detector is sure of one and hardly sees the label', () => {
  const box: CocoBbox = [0, 0, 10, 10];
  const wrong = (objects: readonly ReturnType<typeof object>[], detections: readonly ReturnType<typeof found>[]) => {
    const suggester = createLabelSuggester();
    suggester.add(1, objects, detections);
    return suggester.result(0.5).wrongClass.list.map(({ detection, object: { id } }) => [id, detection.category_id]);
  };
  const one = [object(1, 1, box)];
  expect(wrong(one, [found(2, box, 0.9)])).toEqual([[1, 2]]);
  expect(wrong(one, [found(2, box, 0.9), found(1, box, 0.4)])).toEqual([[1, 2]]);
  expect(wrong(one, [found(2, box, 0.9), found(1, box, 0.5)])).toEqual([]);
  expect(wrong(one, [found(2, box, 0.4)])).toEqual([]);
  expect(wrong(one, [found(2, [0, 0, 10, 6], 0.9)])).toEqual([]);
  expect(wrong([...one, object(2, 2, box)], [found(2, box, 0.9)])).toEqual([]);
});
