import { describe, expect, it } from 'vitest';
import { intersectionOverUnion, intersectionOverUnionMatrix } from '../../geometry/iou.js';
import { randomBoxes, seededRandom } from '../random.js';
import { readSafetensors } from '../read_safetensors.js';

describe('intersection over union', () => {
  it("equals mmdet's bbox_overlaps to the bit, empty boxes included", () => {
    const reference = readSafetensors(new URL('../fixtures/boxes/torch_values.safetensors', import.meta.url));
    const [a, b, out] = ['iou.a', 'iou.b', 'iou.out'].map((name) => reference.float32(name).data);
    if (!a || !b || !out) throw new Error('fixture');
    expect(intersectionOverUnionMatrix(a, b)).toEqual(out);
  });

  it('is 1/7 for squares of 2 that share a corner of 1', () => {
    const boxes = new Float32Array([0, 0, 2, 2, 1, 1, 3, 3]);
    expect(intersectionOverUnion(boxes, 0, boxes, 1)).toBe(Math.fround(1 / 7));
  });

  it('is symmetric, 1 with itself, and 0 for boxes that only touch', () => {
    const boxes = randomBoxes(seededRandom(8), 40, 100);
    const overlaps = intersectionOverUnionMatrix(boxes, boxes);
    for (let i = 0; i < 40; i++) {
      expect(overlaps[i * 40 + i]).toBe(1);
      for (let j = 0; j < i; j++) expect(overlaps[i * 40 + j]).toBe(overlaps[j * 40 + i]);
    }
    const touching = new Float32Array([0, 0, 4, 4, 4, 0, 8, 4]);
    expect(intersectionOverUnion(touching, 0, touching, 1)).toBe(0);
  });
});
