import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../../geometry/iou.js';
import { batchedNms, nmsSchema } from '../../geometry/nms.js';
import { randomBoxes, seededRandom, shuffled } from '../random.js';
import { readSafetensors } from '../read_safetensors.js';

const fixture = (name: string) => new URL(`../fixtures/boxes/${name}`, import.meta.url);
const nms = (config: object) => nmsSchema.parse({ iou_threshold: 0.5, ...config });

describe("mmcv's batched_nms: kept indices in order", () => {
  it.each(['nms_random', 'nms_one_class_dense', 'nms_ties', 'nms_touching'])('%s', (name) => {
    const config = nmsSchema.parse(JSON.parse(readFileSync(fixture(`${name}.json`), 'utf8')));
    const reference = readSafetensors(fixture(`${name}.safetensors`));
    const boxes = reference.float32('boxes').data;
    const scores = reference.float32('scores').data;
    const kept = batchedNms(boxes, scores, reference.integers('labels'), config);
    expect([...kept]).toEqual([...reference.integers('keep')]);
  });
});

/** mmcv's way, word for word: one greedy pass over coordinates that were moved apart by class. */
function plainly(boxes: Float32Array, scores: Float32Array, labels: Int32Array, threshold: number): number[] {
  const f = Math.fround;
  const distance = f(Math.max(...boxes) + 1);
  const moved = boxes.map((value, i) => value + f((labels[i >> 2] ?? 0) * distance));
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const kept: number[] = [];
  const at = (i: number, k: number) => moved[i * 4 + k] ?? 0;
  const area = (i: number) => f(f(at(i, 2) - at(i, 0)) * f(at(i, 3) - at(i, 1)));
  for (const j of order) {
    const overlaps = kept.some((i) => {
      const width = Math.max(0, f(Math.min(at(i, 2), at(j, 2)) - Math.max(at(i, 0), at(j, 0))));
      const height = Math.max(0, f(Math.min(at(i, 3), at(j, 3)) - Math.max(at(i, 1), at(j, 1))));
      const intersection = f(width * height);
      return f(intersection / f(f(area(i) + area(j)) - intersection)) > threshold;
    });
    if (!overlaps) kept.push(j);
  }
  return kept;
}

function scene(seed: number, count: number, classes: number) {
  const random = seededRandom(seed);
  return {
    random,
    boxes: randomBoxes(random, count, 40).map((value) => (seed % 2 === 0 ? Math.round(value) : value)),
    scores: Float32Array.from({ length: count }, () => Math.round(random() * 100) / 100),
    labels: Int32Array.from({ length: count }, () => Math.floor(random() * classes)),
  };
}

describe('grouping by class changes nothing', () => {
  it.each([1, 2, 3, 4, 5, 6])('scene %i', (seed) => {
    const { boxes, scores, labels } = scene(seed, 400, seed * 3);
    for (const threshold of [0, 0.3, 0.5, 0.6]) {
      const kept = batchedNms(boxes, scores, labels, nms({ iou_threshold: threshold }));
      expect([...kept]).toEqual(plainly(boxes, scores, labels, threshold));
    }
  });

  it('negative coordinates let classes meet, as they do in mmcv', () => {
    const { boxes, scores, labels } = scene(1, 300, 3);
    const shifted = boxes.map((value) => value - 38);
    const kept = batchedNms(shifted, scores, labels, nms({ iou_threshold: 0.2 }));
    expect([...kept]).toEqual(plainly(shifted, scores, labels, 0.2));
    const split = batchedNms(shifted, scores, labels, nms({ iou_threshold: 0.2, split_thr: 300 }));
    expect(split.length).toBeGreaterThan(kept.length);
  });
});

describe('properties', () => {
  const { random, boxes, scores, labels } = scene(7, 500, 4);
  const keep = (indices: Int32Array) => ({
    boxes: Float32Array.from(
      { length: indices.length * 4 },
      (_, i) => boxes[(indices[i >> 2] ?? 0) * 4 + (i % 4)] ?? 0,
    ),
    scores: Float32Array.from(indices, (i) => scores[i] ?? 0),
    labels: indices.map((i) => labels[i] ?? 0),
  });
  const kept = batchedNms(boxes, scores, labels, nms({}));

  it('a second pass drops nothing', () => {
    const again = keep(kept);
    expect(batchedNms(again.boxes, again.scores, again.labels, nms({}))).toEqual(kept.map((_, i) => i));
  });

  it('no two kept boxes of a class overlap by more than the threshold; every dropped one meets a better', () => {
    const overlaps = (i: number, j: number) =>
      labels[i] === labels[j] && intersectionOverUnion(boxes, i, boxes, j) > 0.5 + 1e-5;
    expect([...kept].filter((i) => kept.some((j) => i !== j && overlaps(i, j)))).toEqual([]);
    const stays = new Set(kept);
    for (const i of scores.keys()) {
      if (stays.has(i)) continue;
      const better = [...kept].some(
        (j) =>
          labels[i] === labels[j] &&
          (scores[j] ?? 0) >= (scores[i] ?? 0) &&
          intersectionOverUnion(boxes, i, boxes, j) > 0.5 - 1e-5,
      );
      expect(better).toBe(true);
    }
  });

  it('scores descend', () => {
    kept.forEach((i, at) => {
      expect(scores[i]).toBeLessThanOrEqual(scores[kept[at - 1] ?? i] ?? 0);
    });
  });

  it('does not depend on the order in which boxes without ties come', () => {
    scores.set(scores.map((_, i) => ((i * 7919) % 500) / 500));
    const expected = batchedNms(boxes, scores, labels, nms({}));
    const order = shuffled(random, 500);
    const mixed = keep(order);
    const found = batchedNms(mixed.boxes, mixed.scores, mixed.labels, nms({}));
    expect([...found.map((i) => order[i] ?? 0)]).toEqual([...expected]);
  });

  it('a limit, max_num and score_threshold only cut the list', () => {
    const all = [...batchedNms(boxes, scores, labels, nms({}))];
    expect([...batchedNms(boxes, scores, labels, nms({}), 17)]).toEqual(all.slice(0, 17));
    expect([...batchedNms(boxes, scores, labels, nms({ max_num: 9 }), 17)]).toEqual(all.slice(0, 9));
    const good = all.filter((i) => (scores[i] ?? 0) > Math.fround(0.4));
    expect([...batchedNms(boxes, scores, labels, nms({ score_threshold: 0.4 }))]).toEqual(good);
  });
});

describe('classes', () => {
  const boxes = new Float32Array([0, 0, 10, 10, 0, 0, 10, 9, 20, 20, 30, 30]);
  const scores = new Float32Array([0.5, 0.9, 0.7]);
  const labels = new Int32Array([0, 1, 1]);

  it('do not suppress each other', () => {
    expect([...batchedNms(boxes, scores, labels, nms({}))]).toEqual([1, 2, 0]);
  });
  it('do so when class-agnostic', () => {
    expect([...batchedNms(boxes, scores, labels, nms({ class_agnostic: true }))]).toEqual([1, 2]);
  });
  it('but not from split_thr boxes on, as in mmcv', () => {
    expect([...batchedNms(boxes, scores, labels, nms({ class_agnostic: true, split_thr: 3 }))]).toEqual([1, 2, 0]);
  });
});

it('an overlap of exactly the threshold stays', () => {
  const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 2]);
  const [scores, labels] = [new Float32Array([0.9, 0.8]), new Int32Array(2)];
  expect([...batchedNms(boxes, scores, labels, nms({ iou_threshold: 0.5 }))]).toEqual([0, 1]);
  expect([...batchedNms(boxes, scores, labels, nms({ iou_threshold: 0.499 }))]).toEqual([0]);
});

it('takes no box, empty boxes, NaN and infinity', () => {
  expect(batchedNms(new Float32Array(0), new Float32Array(0), new Int32Array(0), nms({}))).toEqual(new Int32Array(0));
  const odd = new Float32Array([3, 3, 3, 3, 3, 3, 3, 3, Number.NaN, 0, 1, 1, 0, 0, Number.POSITIVE_INFINITY, 1]);
  const kept = batchedNms(odd, new Float32Array([0.1, 0.2, 0.3, Number.NaN]), new Int32Array([0, 0, 1, 1]), nms({}));
  expect([...kept]).toEqual([3, 2, 1, 0]);
});

describe('refusals', () => {
  it('a threshold above 1, an unknown key, an offset', () => {
    expect(nmsSchema.safeParse({ iou_threshold: 50 }).success).toBe(false);
    expect(nmsSchema.safeParse({ iou_threshold: 0.5, sigma: 1 }).success).toBe(false);
    expect(nmsSchema.safeParse({ iou_threshold: 0.5, offset: 1 }).success).toBe(false);
  });
  it('lengths that differ', () => {
    const call = () => batchedNms(new Float32Array(8), new Float32Array(2), new Int32Array(3), nms({}));
    expect(call).toThrow('batchedNms: expected four coordinates and one label for each of 2 scores');
  });
});
