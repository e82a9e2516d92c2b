/** `tta_pipeline`: which looks at a picture there are. */
import { describe, expect, test } from 'vitest';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { mirroredViews, parseViews } from '../../steps/views.js';
import { formulaPicture } from '../images/formula_picture.js';

const parse = (...steps: unknown[]) => parseViews(steps, 'segmentation', { path: 'tta_pipeline' });
const several = (...transforms: unknown[]) => ({ type: 'TestTimeAug', transforms });
const resize = (scale_factor: number) => ({ type: 'Resize', scale_factor, keep_ratio: true });
const flip = (prob: number, direction = 'horizontal') => ({ type: 'RandomFlip', prob, direction });

const looksOf = (views: ReturnType<typeof parse>) =>
  views.map((view) => {
    const { pixels, transform } = prepareFrame(formulaPicture(40, 30, 1), view);
    return [pixels.width, pixels.height, transform.flip];
  });

test("every choice of mmcv's TestTimeAug, in its order", () => {
  const views = parse(
    { type: 'LoadImageFromFile', backend_args: null },
    several(
      [resize(0.5), resize(1), resize(1.5)],
      [flip(0), flip(1), flip(1, 'vertical')],
      [{ type: 'LoadAnnotations' }],
      [{ type: 'PackSegInputs' }],
    ),
  );
  expect(looksOf(views)).toEqual(
    [
      [20, 15],
      [40, 30],
      [60, 45],
    ].flatMap(([width, height]) => [undefined, 'horizontal', 'vertical'].map((way) => [width, height, way])),
  );
  expect(views[0]?.map(({ type }) => type)).toEqual([
    'LoadImageFromFile',
    'Resize',
    'RandomFlip',
    'LoadAnnotations',
    'PackSegInputs',
  ]);
});

describe('without a tta_pipeline: the picture mirrored, and as it is', () => {
  test.each([
    [
      [resize(0.5), { type: 'PackSegInputs' }],
      ['Resize', 'PackSegInputs', 'RandomFlip'],
    ],
    [
      [resize(0.5), { type: 'Pad', size_divisor: 32 }],
      ['Resize', 'RandomFlip', 'Pad'],
    ],
    [[], ['RandomFlip']],
  ])('%j', (steps, types) => {
    const pipeline = testPipelineSchema().parse(steps);
    const [mirrored, asItIs] = mirroredViews(pipeline);
    expect(mirrored?.map(({ type }) => type)).toEqual(types);
    expect(asItIs).toBe(pipeline);
    expect(looksOf([mirrored ?? []])[0]?.[2]).toBe('horizontal');
  });
});

describe('refuses', () => {
  test.each([
    [
      [resize(1)],
      'tta_pipeline: expected one step TestTimeAug, whose transforms say which looks at a picture there are',
    ],
    [[several([resize(1)]), several([resize(1)])], "but received 'TestTimeAug, TestTimeAug'"],
    [[], "but received 'no step'"],
    [[several()], "tta_pipeline.0.transforms: expected one list of steps or more but received '[]'"],
    [[several([resize(1)], [])], 'tta_pipeline.0.transforms.1: expected one step or more: each is another look'],
    [[{ type: 'TestTimeAug' }], 'tta_pipeline.0.transforms'],
    [[{ type: 'TestTimeAugs', transforms: [] }], 'tta_pipeline: expected one step TestTimeAug'],
    [[several([{ type: 'Resise', scale: 5 }])], 'tta_pipeline.0.transforms.0.0.type: expected the type of a step'],
    [[several([{ ...resize(1), scales: 5 }])], 'tta_pipeline.0.transforms.0.0.scales'],
    [[several([flip(0.5)])], 'tta_pipeline.0.transforms.0.0.prob: expected 0 or 1'],
    [[several([resize(1)]), { type: 'Pad' }], 'tta_pipeline.1'],
    [
      [several(...Array.from({ length: 9 }, () => [flip(0), flip(1)]))],
      'expected at most 256 looks at a picture but received 512',
    ],
    [[several(5)], 'tta_pipeline.0.transforms.0'],
    ['TestTimeAug', 'tta_pipeline'],
  ])('%j', (tree, message) => {
    expect(() => parseViews(tree, 'detection', { path: 'tta_pipeline' })).toThrow(message);
  });
});
