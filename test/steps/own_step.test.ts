/** Steps from outside the package: whatever asks what a step is asks the table. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { detPreprocessorSchema } from '../../images/batch.js';
import { OPENCV_BILINEAR, resizeSample } from '../../images/resize_sample.js';
import { eightBitPixels } from '../../images/step_order.js';
import { resizedPipeline } from '../../measuring/networks/contestants.js';
import { openedConfig, predictionParts } from '../../models/opened_config.js';
import { type ConfigObject, sourced } from '../../registry/config_tree.js';
import { defineStep } from '../../registry/define_step.js';
import { STEPS } from '../../steps/index.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { sizeDivisor } from '../../tasks/size_divisor.js';
import { formulaPicture } from '../images/formula_picture.js';
import { detector } from '../tools/tiny_models.js';

/** Half the size, cut to multiples of a number. */
STEPS.register(
  defineStep({
    type: 'TinyShrink',
    schema: z.strictObject({ multiple: z.int().positive().default(8) }),
    divisor: ({ multiple }) => multiple,
    resampling: () => ({ backend: 'pillow', interpolation: 'bicubic' }),
    apply(sample, { multiple }) {
      const side = (pixels: number) => Math.max(1, Math.floor(pixels / 2 / multiple)) * multiple;
      const size = { width: side(sample.pixels.width), height: side(sample.pixels.height) };
      return resizeSample(sample, size, { step: 'TinyShrink', ...OPENCV_BILINEAR, clipsBoxes: true });
    },
  }),
);

STEPS.register(
  defineStep({
    type: 'TinyScaling',
    schema: z.strictObject({}),
    normalises: true,
    apply: (sample) => {
      const { width, height, data } = sample.pixels;
      return {
        ...sample,
        pixels: { width, height, order: 'rgb', data: Float32Array.from(data, (value) => value / 255) },
      };
    },
  }),
);

/** Left and right change places: for training, since no result is brought back from it. */
STEPS.register(
  defineStep({
    type: 'TinyFlip',
    schema: z.strictObject({}),
    apply(sample) {
      const pixels = eightBitPixels(sample, 'TinyFlip');
      const { width } = pixels;
      const from = (i: number) => i - (i % width) + width - 1 - (i % width);
      const { objects, labelMap } = sample.annotations;
      return {
        ...sample,
        pixels: { ...pixels, data: pixels.data.map((_, i) => pixels.data[from(Math.floor(i / 3)) * 3 + (i % 3)] ?? 0) },
        annotations: {
          ...(objects === undefined
            ? {}
            : {
                objects: {
                  ...objects,
                  boxes: objects.boxes.map((edge, i) => (i % 2 === 1 ? edge : width - (objects.boxes[i ^ 2] ?? edge))),
                },
              }),
          ...(labelMap === undefined
            ? {}
            : { labelMap: { ...labelMap, labels: labelMap.labels.map((_, i) => labelMap.labels[from(i)] ?? 0) } }),
        },
      };
    },
  }),
);

/** Says nothing of the size that it sets. */
STEPS.register(
  defineStep({
    type: 'TinySilent',
    schema: z.strictObject({ claims: z.int().positive().optional() }),
    apply: (sample) =>
      resizeSample(sample, { width: 9, height: 9 }, { step: 'TinySilent', ...OPENCV_BILINEAR, clipsBoxes: true }),
  }),
);
STEPS.register(
  defineStep({ type: 'TinyBoaster', schema: z.strictObject({}), divisor: () => 32, apply: (sample) => sample }),
);

const parse = (...steps: unknown[]) => testPipelineSchema().parse(steps);
const picture = formulaPicture(70, 50, 1);

test('a step is known to configs as soon as it is registered', () => {
  const { pixels } = prepareFrame(picture, parse({ type: 'TinyShrink' }, { type: 'TinyFlip' }));
  expect([pixels.width, pixels.height]).toEqual([32, 24]);
  expect(() => parse({ type: 'TinyShrink', multiples: 3 })).toThrow('multiples');
  expect(() => parse({ type: 'TinyShrnk' })).toThrow("Did you mean 'TinyShrink'?");
});

test('a flip takes boxes and labels along, and twice it is nothing', () => {
  const annotations = {
    objects: { boxes: Float32Array.of(1, 2, 4, 5), labels: Int32Array.of(0) },
    labelMap: { width: 70, height: 50, labels: picture.data.filter((_, i) => i % 3 === 0) },
  };
  const once = prepareFrame(picture, parse({ type: 'TinyFlip' }), annotations);
  expect([...(once.annotations.objects?.boxes ?? [])]).toEqual([66, 2, 69, 5]);
  expect(once.annotations.labelMap?.labels[69]).toBe(picture.data[0]);
  const twice = prepareFrame(picture, parse({ type: 'TinyFlip' }, { type: 'TinyFlip' }), annotations);
  expect(twice.pixels).toEqual(picture);
  expect(twice.annotations).toEqual(annotations);
});

describe('what others ask of a step', () => {
  test('networks are specialised to its divisor', () => {
    const preprocessor = detPreprocessorSchema.parse({});
    expect(sizeDivisor(parse({ type: 'TinyShrink', multiple: 64 }), preprocessor, 32)).toBe(64);
    expect(sizeDivisor(parse({ type: 'TinyShrink', multiple: 64 }, { type: 'TinyFlip' }), preprocessor, 1)).toBe(64);
  });

  test('a benchmark puts its own resize, by the same rules, into its place', () => {
    const pipeline = parse({ type: 'TinyFlip' }, { type: 'TinyShrink' }, { type: 'Pad', size_divisor: 32 });
    expect(resizedPipeline(pipeline, { height: 48, width: 80 })).toEqual([
      { type: 'TinyFlip' },
      { type: 'Resize', scale: [80, 48], keep_ratio: false, backend: 'pillow', interpolation: 'bicubic' },
    ]);
    // Not after what makes float32.
    const normalised = parse({ type: 'LoadImageFromFile' }, { type: 'TinyScaling' }, { type: 'Pad', size_divisor: 32 });
    expect(resizedPipeline(normalised, { height: 48, width: 80 }).map(({ type }) => type)).toEqual([
      'LoadImageFromFile',
      'Resize',
      'TinyScaling',
    ]);
  });

  test('a config whose step normalises needs no data_preprocessor', () => {
    const { data_preprocessor: _, ...model } = detector.model;
    const parts = (...test_pipeline: object[]) => {
      const tree: ConfigObject = JSON.parse(JSON.stringify({ ...detector, model, test_pipeline }));
      return predictionParts(openedConfig({ ...sourced(tree, 'a.json'), sources: ['a.json'] }));
    };
    expect(parts({ type: 'TinyScaling' }).pipeline).toEqual([{ type: 'TinyScaling' }]);
    expect(() => parts({ type: 'TinyFlip' })).toThrow('model.data_preprocessor: expected how pictures are normalised');
  });
});

describe('a step that says what is not so', () => {
  test('of the size that it leaves', () => {
    expect(() => prepareFrame(picture, parse({ type: 'TinySilent' }))).toThrow(
      "test_pipeline TinySilent: expected a picture of the size that came, or setsSize but received '9x9'",
    );
    expect(() => prepareFrame(picture, parse({ type: 'TinyBoaster' }))).toThrow(
      "test_pipeline TinyBoaster: expected sides that are multiples of 32 but received '70x50'",
    );
  });

  test('a pipeline that was never checked names the step that there is none of', () => {
    expect(() => prepareFrame(picture, [{ type: 'Resise' }])).toThrow(/^test_pipeline: .*Did you mean 'Resize'\?$/);
  });

  test('a type that is taken cannot be registered again', () => {
    const other = defineStep({ type: 'Resize', schema: z.strictObject({}), apply: (sample) => sample });
    expect(() => STEPS.register(other)).toThrow(
      "register step: expected a type that no step has yet but received 'Resize'",
    );
  });
});
