/** Pixels, sizes, boxes and label maps of the steps that mirror, resize and pad: mmdet's and mmcv's own. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isNormalised } from '../../images/pixels.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { formulaPicture, imageFixture, sha256 } from '../images/formula_picture.js';

const number = z.number();
const pair = z.tuple([number, number]);

/** Boxes in shares of width and height; some reach over the border. */
const SHARES = [
  [0, 0, 1, 1],
  [0.1, 0.2, 0.3, 0.7],
  [0.333, 0.25, 0.334, 0.251],
  [-0.05, 0.5, 0.4, 1.02],
  [0.6, -0.1, 1.1, 0.4],
] as const;

const cases = imageFixture(
  'openmmlab_steps.json',
  z.array(
    z.object({
      picture: z.tuple([number, number, number]),
      steps: z.array(z.looseObject({ type: z.string() })),
      size: pair,
      scale_factor: pair,
      boxes: z.array(z.array(number)),
      pixels: z.string(),
      /** Where the reference's label map is of another size than its picture, as FixScaleResize leaves it, there is none. */
      labels: z.string().nullable(),
    }),
  ),
);

const prepare = (width: number, height: number, seed: number, steps: readonly unknown[]) => {
  const image = formulaPicture(width, height, seed);
  const boxes = Float32Array.from(
    SHARES.flatMap(([x1, y1, x2, y2]) => [x1 * width, y1 * height, x2 * width, y2 * height]),
  );
  return prepareFrame(image, testPipelineSchema().parse(steps), {
    objects: { boxes, labels: new Int32Array(SHARES.length) },
    // The red channel serves as labels.
    labelMap: { width, height, labels: image.data.filter((_, i) => i % 3 === 0) },
  });
};

describe("mmdet 3.3's and mmcv 2.1's steps", () => {
  test.each(cases.map((entry) => ({ ...entry, title: JSON.stringify(entry.steps) })))(
    '$title of $picture',
    ({ picture: [width, height, seed], steps, size, scale_factor, boxes, pixels, labels }) => {
      const frame = prepare(width, height, seed, steps);
      expect([frame.pixels.width, frame.pixels.height]).toEqual(size);
      expect([frame.transform.scaleX, frame.transform.scaleY]).toEqual(scale_factor);
      expect([...(frame.annotations.objects?.boxes ?? [])]).toEqual(boxes.flat());
      if (isNormalised(frame.pixels)) throw new Error('expected 8 bits');
      expect(sha256(frame.pixels.data).slice(0, 16)).toBe(pixels);
      const map = Uint8Array.from(frame.annotations.labelMap?.labels ?? []);
      if (labels !== null) expect(sha256(map).slice(0, 16)).toBe(labels);
    },
  );
});

describe('RandomFlip', () => {
  const flip = (direction: string, prob: unknown = 1) => ({ type: 'RandomFlip', prob, direction });

  test('is remembered, and undone by another', () => {
    const of = (...steps: unknown[]) => prepare(9, 5, 1, steps).transform.flip;
    expect(of(flip('vertical'))).toBe('vertical');
    expect(of(flip('vertical', 0))).toBeUndefined();
    expect(of(flip('horizontal'), flip('vertical'))).toBe('diagonal');
    expect(of(flip('diagonal'), flip('vertical'))).toBe('horizontal');
    expect(of(flip('diagonal'), flip('diagonal'))).toBeUndefined();
    const { pixels, transform } = prepare(9, 5, 1, [flip('diagonal'), flip('diagonal')]);
    expect({ pixels, transform }).toEqual({
      pixels: formulaPicture(9, 5, 1),
      transform: prepare(9, 5, 1, []).transform,
    });
  });

  test('of what Normalize left', () => {
    const normalise = { type: 'Normalize', mean: [10, 20, 30], std: [3, 4, 5] };
    const [before, after] = [
      [flip('diagonal'), normalise],
      [normalise, flip('diagonal')],
    ].map((steps) => prepare(9, 5, 1, steps));
    expect(after).toEqual(before);
  });

  test.each([
    [{ type: 'RandomFlip', prob: 0.5 }, 'expected 0 or 1: results that chance decides cannot be had again'],
    [{ type: 'RandomFlip' }, 'expected 0 or 1'],
    [{ type: 'RandomFlip', prob: 1, direction: 'sideways' }, 'horizontal'],
    [{ type: 'RandomFlip', prob: 1, direction: ['horizontal', 'vertical'] }, 'among several chance would decide'],
    [{ type: 'RandomFlip', prob: [1], direction: 'horizontal' }, 'expected as many directions as prob has numbers'],
  ])('refuses %j', (step, message) => {
    expect(testPipelineSchema().safeParse([step]).error?.message).toContain(message);
  });

  test('refuses an order that cannot be', () => {
    expect(() => prepare(9, 5, 1, [{ type: 'Pad', size_divisor: 4 }, flip('vertical')])).toThrow(
      'test_pipeline: RandomFlip: expected a place before Pad',
    );
    expect(() => prepare(9, 5, 1, [{ type: 'CenterCrop', crop_size: 4 }, flip('vertical')])).toThrow(
      'test_pipeline: RandomFlip: expected a place before CenterCrop',
    );
    expect(prepare(9, 5, 1, [{ type: 'Pad', size_divisor: 4 }, flip('vertical', 0)]).pixels.width).toBe(12);
  });
});

test("ResizeShortestEdge's keep_ratio is as each project has it", () => {
  const size = (task?: 'detection' | 'segmentation') => {
    const steps = testPipelineSchema(task).parse([{ type: 'ResizeShortestEdge', scale: 1024, max_size: 1333 }]);
    const { width, height } = prepareFrame(formulaPicture(570, 2351, 1), steps).pixels;
    return [width, height];
  };
  expect(size('detection')).toEqual([323, 1333]);
  expect(size('segmentation')).toEqual([323, 1332]);
  expect(size()).toEqual([323, 1332]);
});
