import { describe, expect, test } from 'vitest';
import type { Size } from '../../../core/frame.js';
import { anchorGeneratorSchema, createAnchorGenerator } from '../../../geometry/anchors.js';
import { fitAnchors } from '../../../training/from_pictures/fitted_anchors.js';
import { seededRandom } from '../../random.js';

const STRIDES = [8, 16, 32, 64, 128];

/** Sides about an area and a ratio, jittered. */
function boxesAbout(
  lengths: readonly number[],
  ratios: readonly number[],
  jitter: number,
  seed: number,
): readonly Size[] {
  const random = seededRandom(seed);
  const near = (value: number) => value * 2 ** ((random() - 0.5) * jitter);
  return lengths.flatMap((length) =>
    ratios.flatMap((ratio) =>
      Array.from({ length: 20 }, () => {
        const [side, shape] = [near(length), near(ratio)];
        return { width: side / Math.sqrt(shape), height: side * Math.sqrt(shape) };
      }),
    ),
  );
}

describe('fitted anchors', () => {
  test('find the ratios that boxes have', () => {
    const { anchors, meanIou, usual } = fitAnchors(boxesAbout([40, 90, 200], [0.2, 0.9, 4], 0.1, 3), STRIDES);
    expect(anchors.ratios).toHaveLength(3);
    for (const [i, ratio] of [0.2, 0.9, 4].entries()) {
      expect(Math.log((anchors.ratios[i] ?? 0) / ratio)).toBeCloseTo(0, 1);
    }
    expect(meanIou).toBeGreaterThan(usual.meanIou + 0.2);
    expect(anchors.octave_base_scale).toBe(4);
  });

  test('go down to the smallest objects', () => {
    const { anchors, met, usual } = fitAnchors(boxesAbout([10, 14], [1], 0.2, 4), STRIDES);
    expect(anchors.octave_base_scale).toBeLessThan(2);
    expect(usual.met).toBe(0);
    expect(met).toBe(1);
  });

  test('stay the usual ones where those are as good', () => {
    const fit = fitAnchors(boxesAbout([40, 80, 160], [0.5, 1, 2], 0.05, 5), STRIDES);
    expect(fit.anchors).toEqual({ octave_base_scale: 4, scales_per_octave: 3, ratios: [0.5, 1, 2] });
    expect(fitAnchors([], STRIDES).anchors.ratios).toEqual([0.5, 1, 2]);
  });

  test.each([1, 2, 3])('are never worse than the usual ones, and as AnchorGenerator draws them (%i)', (seed) => {
    const random = seededRandom(seed);
    const boxes = Array.from({ length: 150 }, () => ({
      width: 4 + 300 * random() ** 3,
      height: 4 + 300 * random() ** 3,
    }));
    const { anchors, meanIou, met, usual } = fitAnchors(boxes, STRIDES);
    expect(meanIou).toBeGreaterThanOrEqual(usual.meanIou);
    const { levels } = createAnchorGenerator(
      anchorGeneratorSchema.parse({ ...anchors, ratios: [...anchors.ratios], strides: STRIDES }),
    );
    const best = boxes.map((box) => Math.max(...levels.flatMap(({ baseAnchors }) => overlaps(box, baseAnchors))));
    expect(best.reduce((sum, value) => sum + value, 0) / boxes.length).toBeCloseTo(meanIou, 4);
    expect(best.filter((value) => value >= 0.5).length / boxes.length).toBeCloseTo(met, 1);
  });
});

/** About one centre. */
function overlaps({ width, height }: Size, anchors: Float32Array): readonly number[] {
  return Array.from({ length: anchors.length / 4 }, (_, i) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = anchors.subarray(4 * i, 4 * i + 4);
    const both = Math.min(width, x2 - x1) * Math.min(height, y2 - y1);
    return both / (width * height + (x2 - x1) * (y2 - y1) - both);
  });
}
