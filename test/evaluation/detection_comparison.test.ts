import { describe, expect, it } from 'vitest';
import { byCategory, categoryOutcomes } from '../../evaluation/category_outcomes.js';
import { createCocoEvaluator } from '../../evaluation/coco_evaluator.js';
import type { CocoBbox } from '../../evaluation/coco_records.js';
import { createDetectionComparer } from '../../evaluation/detection_comparison.js';
import { createWeightedAp } from '../../evaluation/weighted_ap.js';
import { PARITY_CASES, parityFigures, parityScene, randomScene } from './coco_cases.js';

describe('createWeightedAp', () => {
  it.each([1, 2, 3, 4])('has the AP of COCO of a dataset in which pictures stand several times (%i)', (seed) => {
    const { groundTruth, detections } = randomScene(seed);
    const { categories, annotations, images } = groundTruth;
    const weights = Int32Array.from(images, (_, i) => (i * 7 + seed) % 4);
    const evaluator = createCocoEvaluator(categories);
    const matched = new Map(categories.map(({ id }) => [id, { scores: [], pictures: [], bits: [] } as Matched]));
    const count = new Map<number, number>();
    images.forEach(({ id }, picture) => {
      const own = annotations.filter(({ image_id }) => image_id === id);
      const found = detections.filter(({ image_id }) => image_id === id);
      const weight = weights[picture] ?? 0;
      for (let copy = 0; copy < weight; copy++) evaluator.add(picture * 10 + copy, own, found);
      for (const [category, sides] of byCategory(own, found)) {
        for (const { detection, bits } of categoryOutcomes(sides.objects, sides.detections)) {
          const list = matched.get(category);
          list?.scores.push(detection.score);
          list?.pictures.push(picture);
          list?.bits.push(bits);
        }
        const objects = sides.objects.filter(({ iscrowd }) => !iscrowd).length;
        count.set(category, (count.get(category) ?? 0) + weight * objects);
      }
    });
    let compared = 0;
    for (const { id, AP } of evaluator.result().perCategory) {
      const list = matched.get(id);
      const objects = count.get(id) ?? 0;
      if (list === undefined || objects === 0) continue;
      expect(createWeightedAp(list).at(weights, objects).AP).toBeCloseTo(AP, 12);
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

interface Matched {
  scores: number[];
  pictures: number[];
  bits: number[];
}

describe('createDetectionComparer', () => {
  it.each(PARITY_CASES)('%s: against itself nothing differs, and AP is that of COCO', async (name) => {
    const { groundTruth, detections } = parityScene(name);
    const comparer = createDetectionComparer(groundTruth.categories, { resamples: 20 });
    for (const { id } of groundTruth.images) {
      const found = detections.filter(({ image_id }) => image_id === id);
      comparer.add(
        id,
        groundTruth.annotations.filter(({ image_id }) => image_id === id),
        found,
        found,
      );
    }
    const { AP, AP50, F1, categories, pictures } = await comparer.result();
    const { stats } = parityFigures(name);
    if (stats[0] === -1) expect(AP.ours).toBeNull();
    else expect(AP.ours).toBeCloseTo(stats[0] ?? Number.NaN, 9);
    if (stats[0] !== -1) expect(AP50.ours).toBeCloseTo(stats[1] ?? Number.NaN, 9);
    expect([0, null]).toContain(AP.difference);
    expect([0, null]).toContain(F1.difference);
    expect(categories.every(({ difference }) => difference === 0)).toBe(true);
    expect(pictures).toMatchObject({ better: 0, worse: 0, same: groundTruth.images.length, changed: [] });
  });

  const box: CocoBbox = [0, 0, 10, 10];
  const object = (id: number, category_id: number) => ({ id, category_id, bbox: box, area: 100 });
  const found = (category_id: number, score: number) => ({ category_id, bbox: box, score });

  it('finds the class and the pictures that got better, with the same interval for the same seed', async () => {
    const run = (seed: number) => {
      const comparer = createDetectionComparer(
        [
          { id: 1, name: 'a' },
          { id: 2, name: 'b' },
          { id: 3, name: 'rare' },
        ],
        { resamples: 200, seed },
      );
      for (let picture = 1; picture <= 40; picture++) {
        const objects = [object(picture, picture % 2 === 0 ? 1 : 2)];
        const right = found(picture % 2 === 0 ? 1 : 2, 0.9);
        // The other run finds half of class 1, and class 2 as well as this one.
        comparer.add(picture, objects, [right], picture % 4 === 0 ? [] : [right]);
      }
      comparer.add(41, [object(41, 3)], [found(3, 0.9)], []);
      return comparer.result();
    };
    const result = await run(1);
    const [a, b, rare] = result.categories;
    expect(a).toMatchObject({ verdict: 'better', ours: 1, pictures: 20, objects: 20 });
    // Of twenty objects ten are found: precision 1 up to recall 0.5.
    expect(a?.against).toBeCloseTo(51 / 101, 12);
    const [low = 0, high = 0] = a?.interval ?? [];
    expect(low).toBeGreaterThan(0.25);
    expect(high).toBeLessThan(0.75);
    expect(low).toBeLessThan(a?.difference ?? 0);
    expect(high).toBeGreaterThan(a?.difference ?? 1);
    expect(b).toMatchObject({ verdict: 'same', difference: 0 });
    expect(rare).toMatchObject({ verdict: 'few', difference: 1, interval: null });
    expect(result.pictures).toMatchObject({ better: 11, worse: 0, same: 30 });
    expect(result.pictures.changed[0]).toEqual({ imageId: 4, ours: 0, against: 1 });
    expect(result.F1.ours).toBe(1);
    expect(result.F1.against).toBeCloseTo(60 / 71, 12);
    expect(result.thresholds).toEqual({ ours: 0.9, against: 0.9 });
    expect(await run(1)).toEqual(result);
    expect((await run(2)).AP.interval).not.toEqual(result.AP.interval);
  });
});
