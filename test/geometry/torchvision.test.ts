/** torchvision's anchors, box coder and suppression, against torchvision 0.16. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gridAnchors } from '../../geometry/anchors.js';
import { createTorchvisionAnchors, torchvisionAnchorsSchema } from '../../geometry/torchvision_anchors.js';
import { createTorchvisionBoxCoder, torchvisionBoxCoderSchema } from '../../geometry/torchvision_box_coder.js';
import { createTorchvisionNms } from '../../geometry/torchvision_nms.js';
import { fittedSize, normaliseAndResize } from '../../images/normalise_and_resize.js';
import { formulaInput } from '../formula_weights.js';
import { formulaPicture } from '../images/formula_picture.js';

const f32 = Math.fround;
const list = z.array(z.number());
const reference = z
  .object({
    base_anchors: z.array(list),
    grids: z.array(
      z.object({
        height: z.number(),
        width: z.number(),
        maps: z.array(list),
        last: z.array(list),
        sums: z.array(list),
      }),
    ),
    coder: z.array(z.object({ weights: list, clip: z.number(), boxes: list, encoded: list })),
    nms: z.array(z.object({ count: z.number(), kept: list, total: z.number() })),
    sizes: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    resized: z.object({
      width: z.number(),
      height: z.number(),
      seed: z.number(),
      to: list,
      samples: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/boxes/torchvision.json', import.meta.url), 'utf8')));

const third = (size: number) => [0, 1, 2].map((i) => Math.floor(size * 2 ** (i / 3)));
const anchors = createTorchvisionAnchors(
  torchvisionAnchorsSchema.parse({
    strides: [8, 16, 32, 64, 128],
    sizes: [32, 64, 128, 256, 512].map(third),
    aspect_ratios: [0.5, 1, 2],
  }),
);

describe('anchors, to the bit', () => {
  test('of a position', () => {
    expect(anchors.levels.map(({ baseAnchors }) => [...baseAnchors])).toEqual(reference.base_anchors);
    expect(anchors.priorsPerPosition).toBe(9);
  });

  test.each(reference.grids)('of a picture of $width x $height', ({ width, height, maps, last, sums }) => {
    const sizes = maps.map(([rows = 0, columns = 0]) => ({ width: columns, height: rows }));
    const fitted = anchors.fitted?.({ width, height }, sizes);
    if (fitted === undefined || !('levels' in fitted)) throw new Error('not fitted');
    sizes.forEach((size, level) => {
      const out = new Float32Array(4);
      fitted.write(out, 0, level, size.width - 1, size.height - 1, 8);
      expect([...out]).toEqual(last[level]);
      const [strideX = 0, strideY = 0] = fitted.strides[level] ?? [];
      const grid = gridAnchors({ baseAnchors: anchors.levels[level]?.baseAnchors ?? out, strideX, strideY }, size);
      const own = [0, 1, 2, 3].map((side) => grid.filter((_, i) => i % 4 === side).reduce((sum, x) => sum + x, 0));
      expect(own).toEqual(sums[level]);
    });
  });

  test('lie apart as the map says: 13 rows of 800 pixels are 61 apart', () => {
    const map = { width: 17, height: 13 };
    const maps = [map, map, map, map, map];
    expect(anchors.fitted?.({ width: 1088, height: 800 }, maps).strides[3]).toEqual([64, 61]);
  });

  test.each([
    [{ sizes: [[8]] }, 'sizes', 'expected a list of sizes for each of the strides'],
    [{ sizes: [[8], [8, 9]] }, 'sizes', 'expected equally many sizes on each level'],
  ])('%j is refused', (keys, path, message) => {
    const { error } = torchvisionAnchorsSchema.safeParse({ strides: [8, 16], aspect_ratios: [1], ...keys });
    expect(error?.issues).toMatchObject([{ path: [path], message }]);
  });
});

describe('the box coder', () => {
  const priors = formulaInput('coder.priors', [60, 4]).map((value) => f32(value + 2) * 100);
  for (let i = 0; i < priors.length; i += 4) {
    for (const side of [0, 1]) {
      const size = f32(f32(priors[i + 2 + side] ?? 0) * 0.25);
      priors[i + 2 + side] = f32((priors[i + side] ?? 0) + size) + 1;
    }
  }
  const deltas = formulaInput('coder.deltas', [60, 4]).map((value) => value * 3.5);

  test.each(reference.coder)('weights $weights, clip $clip', ({ weights, clip, boxes, encoded }) => {
    const coder = createTorchvisionBoxCoder(torchvisionBoxCoderSchema.parse({ weights, bbox_xform_clip: clip }));
    const decoded = coder.decode(priors, deltas);
    // The exponential may differ from PyTorch's by a step of float32.
    decoded.forEach((value, i) => {
      const wanted = boxes[i] ?? Number.NaN;
      const side = Math.abs((boxes[i ^ 2] ?? 0) - wanted);
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(2 ** -22 * Math.max(Math.abs(wanted), side, 100));
    });
    coder.encode(priors, Float32Array.from(boxes)).forEach((value, i) => {
      expect(Math.abs(value - (encoded[i] ?? Number.NaN))).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
    });
  });

  test('a box grows up to the clip, and shrinks without end; it is cut to the picture', () => {
    const coder = createTorchvisionBoxCoder(torchvisionBoxCoderSchema.parse({}));
    const prior = Float32Array.of(0, 0, 64, 64);
    const [, , wide] = coder.decode(prior, Float32Array.of(0, 0, 90, 0));
    expect(wide).toBeCloseTo(32 + (32 * 1000) / 16, 2);
    const [x1 = 0, , x2 = 0] = coder.decode(prior, Float32Array.of(0, 0, -6, 0));
    expect(x2 - x1).toBeCloseTo(64 * Math.exp(-6), 4);
    expect([...coder.decode(prior, Float32Array.of(0, 0, 9, 9), { limits: { width: 50, height: 40 } })]).toEqual([
      0, 0, 50, 40,
    ]);
  });
});

test.each(reference.nms)('suppression of $count boxes', ({ count, kept, total }) => {
  const values = formulaInput(`nms.${count}`, [count, 6]).map((value) => value + 2);
  const column = (i: number) => values[i] ?? 0;
  const boxes = Float32Array.from({ length: count * 4 }, (_, i) => f32(column(Math.floor(i / 4) * 6 + (i % 4)) * 75));
  for (let i = 0; i < boxes.length; i += 4) {
    for (const side of [0, 1]) boxes[i + 2 + side] = (boxes[i + side] ?? 0) + f32((boxes[i + 2 + side] ?? 0) * 1.5);
  }
  const scores = Float32Array.from({ length: count }, (_, i) => f32(column(i * 6 + 4) * 0.25));
  const labels = Int32Array.from({ length: count }, (_, i) => Math.floor(f32(column(i * 6 + 5) * 2)));
  const suppression = createTorchvisionNms({ iou_threshold: 0.5 });
  const all = suppression.suppress(boxes, scores, labels);
  expect(all.indices).toHaveLength(total);
  expect([...all.indices.subarray(0, kept.length)]).toEqual(kept);
  expect([...all.scores.subarray(0, 3)]).toEqual(kept.slice(0, 3).map((i) => scores[i]));
  expect(suppression.suppress(boxes, scores, labels, 7).indices).toEqual(all.indices.subarray(0, 7));
});

test('a picture is resized to whole pixels as PyTorch rounds: at times one less than asked for', () => {
  for (const [width, height, toWidth, toHeight] of reference.sizes) {
    expect(fittedSize({ width, height }, 800, 1333)).toEqual({ width: toWidth, height: toHeight });
  }
  expect(reference.sizes.some(([, , width, height]) => Math.min(width, height) === 799)).toBe(true);
});

test('far from the corner of a large picture, positions are rounded as PyTorch rounds them', () => {
  const { width, height, seed, to, samples } = reference.resized;
  const size = fittedSize({ width, height }, 800, 1333);
  expect([size.width, size.height]).toEqual(to);
  const normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
  const { data } = normaliseAndResize(formulaPicture(width, height, seed), size, normalisation);
  for (const [channel, row, column, value] of samples) {
    expect(Math.abs((data[(row * size.width + column) * 3 + channel] ?? Number.NaN) - value)).toBeLessThan(1e-6);
  }
});
