import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { splitMix } from '../../core/random.js';
import {
  type BoxMerging,
  MERGE_METRICS,
  MERGINGS,
  mergeScoredBoxes,
  type ScoredBoxes,
} from '../../geometry/box_merging.js';

const row = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]);
const reference = z
  .object({
    boxes: z.record(z.string(), z.array(row)),
    cases: z.array(
      z.tuple([z.string(), z.enum(MERGINGS), z.enum(MERGE_METRICS), z.number(), z.boolean(), z.array(row)]),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/slices/merging.json', import.meta.url), 'utf8')));

function scored(rows: readonly (readonly number[])[]): ScoredBoxes {
  return {
    boxes: Float32Array.from(rows.flatMap((entry) => entry.slice(0, 4))),
    scores: Float32Array.from(rows, ([, , , , score = 0]) => score),
    labels: Int32Array.from(rows, ([, , , , , label = 0]) => label),
  };
}

const rowsOf = ({ boxes, scores, labels }: ScoredBoxes) =>
  Array.from(scores, (score, i) => [...boxes.subarray(4 * i, 4 * i + 4), score, labels[i]]);

describe("SAHI's nms, nmm and greedy_nmm, to the bit and in order", () => {
  it.each(reference.cases)('%s: %s, %s, %f, agnostic %s', (name, type, metric, threshold, class_agnostic, expected) => {
    const given = scored(reference.boxes[name] ?? []);
    expect(rowsOf(mergeScoredBoxes(given, { type, metric, threshold, class_agnostic }))).toEqual(expected);
  });
});

describe('many boxes', () => {
  const random = splitMix(5);
  const rows = Array.from({ length: 600 }, (_, i) => {
    // A few are as large as everything, a few far away.
    const size = i % 100 === 0 ? 900 : 8 + 30 * random();
    const [x, y] = i % 211 === 0 ? [5000 + i, -300] : [900 * random(), 700 * random()];
    return [x, y, x + size, y + size * (0.5 + random()), Math.round(random() * 40) / 40, i % 3];
  });
  const given = scored(rows);

  it('nms keeps what comparing all with all keeps', () => {
    const merging: BoxMerging = { type: 'nms', metric: 'iou', threshold: 0.4, class_agnostic: true };
    const order = [...rows.keys()].sort((a, b) => (given.scores[b] ?? 0) - (given.scores[a] ?? 0) || byPlace(a, b));
    const kept: number[] = [];
    for (const i of order) if (!kept.some((better) => iou(i, better) >= Math.fround(0.4))) kept.push(i);
    expect(rowsOf(mergeScoredBoxes(given, merging))).toEqual(kept.map((i) => rowsOf(given)[i]));
  });

  it.each(MERGINGS)('%s of classes apart is that of each class by itself', (type) => {
    const merging: BoxMerging = { type, metric: 'ios', threshold: 0.5, class_agnostic: false };
    const apart = [0, 1, 2].flatMap((label) => {
      const own = scored(rows.filter((entry) => entry[5] === label));
      return rowsOf(mergeScoredBoxes(own, { ...merging, class_agnostic: true }));
    });
    expect(rowsOf(mergeScoredBoxes(given, merging))).toEqual(apart.sort((a, b) => (b[4] ?? 0) - (a[4] ?? 0)));
  });

  function byPlace(a: number, b: number): number {
    for (let side = 0; side < 4; side++) {
      const difference = (given.boxes[4 * a + side] ?? 0) - (given.boxes[4 * b + side] ?? 0);
      if (difference !== 0) return difference;
    }
    return a - b;
  }

  function iou(a: number, b: number): number {
    const f32 = Math.fround;
    const [ax1 = 0, ay1 = 0, ax2 = 0, ay2 = 0] = given.boxes.subarray(4 * a, 4 * a + 4);
    const [bx1 = 0, by1 = 0, bx2 = 0, by2 = 0] = given.boxes.subarray(4 * b, 4 * b + 4);
    const width = Math.max(0, f32(Math.min(ax2, bx2) - Math.max(ax1, bx1)));
    const height = Math.max(0, f32(Math.min(ay2, by2) - Math.max(ay1, by1)));
    const both = f32(width * height);
    const areas = f32(f32(f32(ax2 - ax1) * f32(ay2 - ay1)) + f32(f32(bx2 - bx1) * f32(by2 - by1)));
    return f32(both / f32(areas - both));
  }
});

it('refuses lengths that differ', () => {
  const merging: BoxMerging = { type: 'nms', metric: 'iou', threshold: 0.5, class_agnostic: true };
  const given = { boxes: new Float32Array(8), scores: new Float32Array(2), labels: new Int32Array(1) };
  expect(() => mergeScoredBoxes(given, merging)).toThrow('four coordinates and one label for each of 2 scores');
});
