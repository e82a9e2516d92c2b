import { createHash } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import type { CocoCounts } from '../../evaluation/coco_counts.js';
import { type CocoEvaluator, createCocoEvaluator } from '../../evaluation/coco_evaluator.js';
import { seededRandom, shuffled } from '../random.js';
import { type CocoScene, PARITY_CASES, parityScene, randomScene } from './coco_cases.js';

/** The pictures at these positions; by default all. */
function counted({ groundTruth, detections }: CocoScene, holds: (i: number) => boolean = () => true): CocoEvaluator {
  const evaluator = createCocoEvaluator(groundTruth.categories);
  groundTruth.images.forEach(({ id }, i) => {
    const inPicture = ({ image_id }: { readonly image_id: number }) => image_id === id;
    if (holds(i)) evaluator.add(id, groundTruth.annotations.filter(inPicture), detections.filter(inPicture));
  });
  return evaluator;
}

/** Every figure and every bit of the curves. */
function figuresOf(evaluator: CocoEvaluator) {
  const { precision, recall, scores, ...figures } = evaluator.result();
  const hash = createHash('sha256');
  for (const { data } of [precision, recall, scores]) hash.update(new Uint8Array(data.buffer));
  return { ...figures, curves: hash.digest('hex') };
}

/** The counts of parts to which pictures are dealt at random, in a random order. */
function partsOf(scene: CocoScene, parts: number, seed: number): readonly CocoCounts[] {
  const random = seededRandom(seed);
  const part = scene.groundTruth.images.map(() => Math.floor(random() * parts));
  const all = Array.from({ length: parts }, (_, k) => counted(scene, (i) => part[i] === k).counts());
  return [...shuffled(random, parts)].flatMap((k) => all[k] ?? []);
}

const forms: Readonly<Record<string, (counts: CocoCounts) => CocoCounts>> = {
  JSON: (counts) => JSON.parse(JSON.stringify(counts)),
  'structured clone': (counts) => structuredClone(counts),
};

describe.each(Object.entries(forms))('parts of a dataset, their counts as %s', (_, sent) => {
  const merged = (scene: CocoScene, parts: readonly CocoCounts[]) => {
    const evaluator = createCocoEvaluator(scene.groundTruth.categories);
    for (const part of parts) evaluator.merge(sent(part));
    return figuresOf(evaluator);
  };

  it.each(PARITY_CASES)('are the whole, to the last bit: %s', (name) => {
    const scene = parityScene(name);
    expect(merged(scene, partsOf(scene, 3, 7))).toEqual(figuresOf(counted(scene)));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are the whole, however they are cut: scene %i', (seed) => {
    const scene = randomScene(seed);
    const whole = figuresOf(counted(scene));
    for (const parts of [1, 2, 5, scene.groundTruth.images.length]) {
      expect(merged(scene, partsOf(scene, parts, seed + parts))).toEqual(whole);
    }
  });
});

test('merged counts may be merged on, and added to', () => {
  const scene = randomScene(3);
  const [first, second, third] = [0, 1, 2].map((k) => counted(scene, (i) => i % 3 === k).counts());
  const inner = createCocoEvaluator(scene.groundTruth.categories);
  if (third !== undefined) inner.merge(third);
  if (first !== undefined) inner.merge(first);
  const outer = counted(scene, (i) => i % 3 === 1);
  outer.merge(inner.counts());
  expect(figuresOf(outer)).toEqual(figuresOf(counted(scene)));
  expect(second?.imageIds.length).toBeGreaterThan(0);
});

test('an endless area counts in no range, in JSON too', () => {
  const box = { category_id: 1, bbox: [0, 0, 10, 10] } as const;
  const evaluator = createCocoEvaluator([{ id: 1, name: 'cell' }]);
  evaluator.add(1, [{ id: 1, area: Number.POSITIVE_INFINITY, ...box }], [{ score: 0.5, ...box }]);
  const other = createCocoEvaluator([{ id: 1, name: 'cell' }]);
  other.merge(JSON.parse(JSON.stringify(evaluator.counts())));
  expect(figuresOf(other)).toEqual(figuresOf(evaluator));
});

describe('counts that do not belong are refused, and nothing of them counts', () => {
  const scene = randomScene(5);
  const half = counted(scene, (i) => i % 2 === 0);
  const other = counted(scene, (i) => i % 2 === 1).counts();
  const before = figuresOf(half);
  const withObjects = (objects: Partial<CocoCounts['objects']>) => ({
    ...other,
    objects: { ...other.objects, ...objects },
  });
  it.each<readonly [string, CocoCounts, string]>([
    ['a picture that is there already', half.counts(), 'CocoEvaluator.merge: expected each picture once'],
    ['a picture twice', { ...other, imageIds: other.imageIds.map(() => 77) }, 'merge: imageIds: expected each picture'],
    ['other categories', { ...other, categoryIds: [1] }, 'merge: expected counts made with categories'],
    ['other numbers of detections', { ...other, maxDetections: [1, 2, 3] }, 'maxDetections 1 2 3'],
    ['a column cut short', withObjects({ areas: other.objects.areas.slice(1) }), 'merge: objects.areas: expected'],
    ['boxes cut short', withObjects({ boxes: [1] }), 'merge: objects.boxes: expected'],
    ['a row of no picture', withObjects({ pictures: other.objects.pictures.map(() => 1e6) }), 'objects.pictures[0]'],
    ['a side below 0', withObjects({ boxes: other.objects.boxes.map(() => -1) }), 'merge: objects.boxes[2]'],
    ['marks that there are not', withObjects({ marks: other.objects.marks.map(() => 4) }), 'merge: objects.marks[0]'],
    ['an area that is none', withObjects({ areas: other.objects.areas.map(() => Number.NaN) }), "received 'NaN'"],
  ])('%s', (_, counts, message) => {
    expect(() => half.merge(counts)).toThrow(message);
    expect(figuresOf(half)).toEqual(before);
  });
});
