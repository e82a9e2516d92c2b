import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  clsPreprocessorSchema,
  detPreprocessorSchema,
  type Preprocessor,
  segPreprocessorSchema,
  toBatch,
} from '../../images/batch.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { formulaPicture, imageFixture, sha256 } from './formula_picture.js';

const pair = z.tuple([z.number(), z.number()]);
const schema = z.array(
  z.object({
    kind: z.enum(['det', 'seg']),
    sizes: z.array(pair),
    seeds: z.array(z.number()),
    pipeline: testPipelineSchema(),
    preprocessor: z.union([detPreprocessorSchema, segPreprocessorSchema]),
    images: z.array(z.object({ img_shape: pair, scale_factor: pair })),
    shape: z.array(z.number()),
    sha256: z.string(),
  }),
);
const cases = imageFixture('openmmlab_batches.json', schema).map((entry, index) => ({
  ...entry,
  title: `${index}: ${entry.pipeline.map(({ type }) => type).join(', ')}, ${entry.preprocessor.type}`,
}));

describe("mmdet's and mmseg's pipelines and preprocessors, to the bit", () => {
  it.each(cases)('$title', ({ sizes, seeds, pipeline, preprocessor, images, shape, sha256: expected }) => {
    const frames = sizes.map(([width, height], i) =>
      prepareFrame(formulaPicture(width, height, seeds[i] ?? 0), pipeline),
    );
    const { input, transforms } = toBatch(frames, preprocessor);
    expect(input.shape).toEqual(shape);
    expect(sha256(input.data)).toBe(expected);
    transforms.forEach(({ original, resized, padded, scaleX, scaleY, left, top }, i) => {
      expect([original.width, original.height]).toEqual(sizes[i]);
      expect([resized.height, resized.width]).toEqual(images[i]?.img_shape);
      expect([padded.height, padded.width]).toEqual(shape.slice(2));
      // mmseg does not record what ResizeToMultiple did.
      if (!pipeline.some(({ type }) => type === 'ResizeToMultiple')) {
        expect([scaleX, scaleY]).toEqual(images[i]?.scale_factor);
      }
      expect([left, top]).toEqual([0, 0]);
    });
  });
});

const frame = (width: number, height: number, seed = 1) => prepareFrame(formulaPicture(width, height, seed), []);
const mean = [123.675, 116.28, 103.53];
const std = [58.395, 57.12, 57.375];

describe('toBatch', () => {
  it('gives each picture what it gets alone, where no padding is needed', () => {
    const preprocessor: Preprocessor = detPreprocessorSchema.parse({ mean, std, bgr_to_rgb: true });
    const frames = [frame(6, 4, 1), frame(6, 4, 2)];
    const together = toBatch(frames, preprocessor).input.data;
    const alone = frames.flatMap((one) => [...toBatch([one], preprocessor).input.data]);
    expect([...together]).toEqual(alone);
  });

  it("normalises in float32 as torch does, in the network's channel order", () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(200, 100, 7) };
    const batch = (config: unknown) => [
      ...toBatch([prepareFrame(image, [])], clsPreprocessorSchema.parse(config)).input.data,
    ];
    const f = Math.fround;
    const at = (value: number, i: number) => f(f(value - f(mean[i] ?? 0)) / f(std[i] ?? 1));
    expect(batch({ mean, std, to_rgb: true, num_classes: 1000 })).toEqual([at(200, 0), at(100, 1), at(7, 2)]);
    expect(batch({ mean, std })).toEqual([at(7, 0), at(100, 1), at(200, 2)]);
    expect(batch({})).toEqual([7, 100, 200]);
    expect(batch({ to_rgb: true })).toEqual([200, 100, 7]);
  });

  it.each([
    [detPreprocessorSchema, {}, [64, 96]],
    [detPreprocessorSchema, { pad_size_divisor: 8 }, [64, 96]],
    [detPreprocessorSchema, { pad_size_divisor: 48 }, [96, 96]],
    [clsPreprocessorSchema, {}, [64, 96]],
    [segPreprocessorSchema, {}, [64, 96]],
    [segPreprocessorSchema, { test_cfg: { size_divisor: 20 } }, [160, 160]],
    [segPreprocessorSchema, { test_cfg: { size: [33, 100] } }, [64, 128]],
  ])('pads for a network that takes multiples of 32, and for the config: case %#', (schema, config, padded) => {
    const { input, transforms } = toBatch([frame(70, 50)], schema.parse({ mean, std, ...config }), 32);
    expect(input.shape.slice(2)).toEqual(padded);
    const [height = 0, width = 0] = padded;
    expect(transforms).toMatchObject([{ padded: { width, height }, resized: { width: 70, height: 50 } }]);
    const outside = input.data.filter((_, i) => i % width >= 70 || Math.floor(i / width) % height >= 50);
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.every((value) => value === 0)).toBe(true);
  });

  it('asks for frames, and for one size in segmentation', () => {
    const segmentation = segPreprocessorSchema.parse({ type: 'SegDataPreProcessor' });
    expect(() => toBatch([], segmentation)).toThrow('toBatch: expected one frame or more');
    expect(() => toBatch([frame(4, 5), frame(5, 4)], segmentation)).toThrow(
      "expected frames of one size in a batch for segmentation but received '4x5, 5x4'",
    );
    const padding = segPreprocessorSchema.parse({ test_cfg: { size_divisor: 32 } });
    expect(() => toBatch([frame(4, 5), frame(5, 4)], padding)).toThrow('frames of one size');
  });
});

describe('the schemas of data_preprocessor', () => {
  it('know their type without being told, and accept what only training needs', () => {
    expect(detPreprocessorSchema.parse({ pad_mask: true, batch_augments: null, boxtype2tensor: false })).toMatchObject({
      type: 'DetDataPreprocessor',
      pad_size_divisor: 1,
      mean: null,
    });
    expect(segPreprocessorSchema.parse({ size: [512, 512], seg_pad_val: 255 }).test_cfg).toBeNull();
    expect(clsPreprocessorSchema.parse({ num_classes: 3, to_onehot: true }).to_rgb).toBe(false);
  });

  it.each([
    [detPreprocessorSchema, { mean }, 'expected mean and std together'],
    [detPreprocessorSchema, { bgr_to_rgb: true, rgb_to_bgr: true }, 'not both'],
    [detPreprocessorSchema, { mean: [1, 2], std: [1, 2] }, 'one number for each of the three channels'],
    [detPreprocessorSchema, { mean, std: [1, 0, 1] }, 'expected no zero'],
    [detPreprocessorSchema, { pad_size_divisor: 0 }, 'Too small'],
    [detPreprocessorSchema, { pad_size_divsor: 32 }, 'pad_size_divsor'],
    [detPreprocessorSchema, { type: 'SegDataPreProcessor' }, 'DetDataPreprocessor'],
    [segPreprocessorSchema, { test_cfg: { size: [4, 4], size_divisor: 32 } }, 'size or size_divisor, not both'],
  ])('refuse %#', (preprocessor, config, message) => {
    expect(preprocessor.safeParse(config).error?.message).toContain(message);
  });
});
