import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SUPPRESSIONS, suppressionSchema } from '../../decoding/suppressions.js';
import { createNms, nmsSchema } from '../../geometry/nms.js';
import { createSoftNms, softNmsSchema } from '../../geometry/soft_nms.js';
import { createPart } from '../../registry/part_schema.js';
import { readSafetensors } from '../read_safetensors.js';

const fixture = (extension: string) => new URL(`../fixtures/boxes/soft_nms.${extension}`, import.meta.url);
const cases = z.record(z.string(), suppressionSchema).parse(JSON.parse(readFileSync(fixture('json'), 'utf8')));
const reference = readSafetensors(fixture('safetensors'));
const [boxes, scores] = [reference.float32('boxes').data, reference.float32('scores').data];
const labels = reference.integers('labels');

describe("mmcv's batched_nms with soft_nms: kept indices in order, and the scores that are left", () => {
  it.each(Object.entries(cases))('%s', (name, config) => {
    const kept = createPart(SUPPRESSIONS, config).suppress(boxes, scores, labels);
    const expected = reference.float32(`${name}.scores`).data;
    // PyTorch's sort, which joins classes that were taken apart, leaves the order of equal scores open.
    const ordered = [...reference.integers(`${name}.keep`).entries()]
      .toSorted(([a, i], [b, j]) => (name === 'split' && expected[a] === expected[b] ? i - j : a - b))
      .map(([, index]) => index);
    expect([...kept.indices]).toEqual(ordered);
    // C's float exponential is within a step of the correctly rounded one, and a score passes many.
    kept.scores.forEach((score, i) => {
      expect(Math.abs(score - (expected[i] ?? 0))).toBeLessThanOrEqual(config.method === 'gaussian' ? 1e-6 : 0);
    });
  });
});

describe('properties', () => {
  const soft = (config: object) => createSoftNms(softNmsSchema.parse(config));

  it('scores descend, and none has grown', () => {
    const kept = soft({ min_score: 0 }).suppress(boxes, scores, labels);
    expect(kept.indices).toHaveLength(scores.length);
    kept.scores.forEach((score, i) => {
      expect(score).toBeLessThanOrEqual(kept.scores[i - 1] ?? 1);
      expect(score).toBeLessThanOrEqual(scores[kept.indices[i] ?? -1] ?? 0);
    });
  });

  it('naive, with nothing at the threshold itself, keeps the boxes that nms keeps', () => {
    const kept = soft({ method: 'naive', iou_threshold: 0.5, min_score: 1e-6 }).suppress(boxes, scores, labels);
    const hard = createNms(nmsSchema.parse({ iou_threshold: 0.5 })).suppress(boxes, scores, labels);
    expect([...kept.indices].toSorted((a, b) => a - b)).toEqual(
      [...hard.indices].filter((i) => (scores[i] ?? 0) > 0).toSorted((a, b) => a - b),
    );
    expect(hard.scores).toEqual(Float32Array.from(hard.indices, (i) => scores[i] ?? 0));
  });

  it('a limit only cuts the list', () => {
    const all = soft({}).suppress(boxes, scores, labels);
    const some = soft({}).suppress(boxes, scores, labels, 9);
    expect(some).toEqual({ indices: all.indices.slice(0, 9), scores: all.scores.slice(0, 9) });
    const split = soft({ split_thr: 1 });
    const apart = split.suppress(boxes, scores, labels);
    expect(split.suppress(boxes, scores, labels, 9)).toEqual({
      indices: apart.indices.slice(0, 9),
      scores: apart.scores.slice(0, 9),
    });
  });

  it('takes no box and empty boxes', () => {
    expect(soft({}).suppress(new Float32Array(0), new Float32Array(0), new Int32Array(0)).indices).toHaveLength(0);
    const empty = soft({ method: 'gaussian' }).suppress(
      new Float32Array(8),
      new Float32Array([0.4, 0.6]),
      new Int32Array(2),
    );
    expect([...empty.indices]).toEqual([1, 0]);
    expect(empty.scores).toEqual(new Float32Array([0.6, 0.4]));
  });

  it('refuses lengths that differ', () => {
    const call = () => soft({}).suppress(new Float32Array(8), new Float32Array(2), new Int32Array(3));
    expect(call).toThrow('soft_nms: expected four coordinates and one label for each of 2 scores');
  });
});
