import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { formulaPicture, imageFixture } from '../images/formula_picture.js';
import { manifest } from '../images/parity_images.js';

const prepare = (width: number, height: number, ...steps: unknown[]) =>
  prepareFrame(formulaPicture(width, height, 1), testPipelineSchema().parse(steps));

describe('Resize', () => {
  it.each(manifest.resize)(
    "mmdet's scale_factor of $expected",
    ({ scale, keep_ratio, width, height, scale_factor }) => {
      const { transform } = prepare(400, 300, { type: 'Resize', scale, keep_ratio });
      expect(transform.resized).toEqual({ width, height });
      expect([transform.scaleX, transform.scaleY]).toEqual(scale_factor ?? [width / 400, height / 300]);
    },
  );

  const number = z.number();
  const pair = z.tuple([number, number]);
  it.each(imageFixture('mmcv_sizes.json', z.array(z.tuple([number, number, pair, pair, pair]))))(
    "mmcv's size for %ix%i within %j",
    (width, height, scale, size, [scaleX, scaleY]) => {
      // Of the size alone: black, since a formula's millions of pixels take longer than their resizing.
      const black = { width, height, data: new Uint8Array(width * height * 3) };
      const { transform } = prepareFrame(
        black,
        testPipelineSchema().parse([{ type: 'Resize', scale, keep_ratio: true }]),
      );
      expect([transform.resized.width, transform.resized.height]).toEqual(size);
      expect([transform.scaleX, transform.scaleY]).toEqual([scaleX, scaleY]);
    },
  );

  it('keeps within the long and the short edge, and fills one of them', () => {
    for (const [width, height] of [
      [50, 500],
      [500, 50],
      [333, 334],
      [17, 16],
    ] as const) {
      const { resized } = prepare(width, height, { type: 'Resize', scale: [133, 80], keep_ratio: true }).transform;
      const [short, long] = [resized.width, resized.height].sort((a, b) => a - b);
      expect(long).toBeLessThanOrEqual(133);
      expect(short).toBeLessThanOrEqual(80);
      expect(long === 133 || short === 80).toBe(true);
    }
  });

  it('refuses a picture so narrow that nothing would be left', () => {
    expect(() => prepare(2000, 1, { type: 'Resize', scale: [160, 160], keep_ratio: true })).toThrow(
      "test_pipeline Resize: expected a picture that keeps at least one pixel each way but received '2000x1, which becomes 160x0'",
    );
  });
});

describe('ResizeEdge and CenterCrop', () => {
  it.each([
    ['short', 301, 200, [150, 100]],
    ['long', 301, 200, [100, 66]],
    ['width', 301, 200, [100, 66]],
    ['height', 301, 200, [150, 100]],
    ['short', 200, 301, [100, 150]],
    ['short', 200, 200, [100, 100]],
  ])('%s edge of %ix%i', (edge, width, height, expected) => {
    const { resized } = prepare(width, height, { type: 'ResizeEdge', scale: 100, edge }).transform;
    expect([resized.width, resized.height]).toEqual(expected);
  });

  it('records what was cut off', () => {
    const { transform, pixels } = prepare(
      301,
      200,
      { type: 'ResizeEdge', scale: 100 },
      { type: 'CenterCrop', crop_size: 96 },
    );
    expect(transform).toEqual({
      original: { width: 301, height: 200 },
      resized: { width: 150, height: 100 },
      padded: { width: 96, height: 96 },
      scaleX: 150 / 301,
      scaleY: 0.5,
      left: -27,
      top: -2,
    });
    expect(pixels.data.length).toBe(96 * 96 * 3);
  });

  it('treats a picture smaller than the crop as auto_pad says', () => {
    const crop = (auto_pad?: boolean) => {
      const step = { type: 'CenterCrop', crop_size: [20, 8], ...(auto_pad === undefined ? {} : { auto_pad }) };
      const { padded, left, top } = prepare(10, 10, step).transform;
      return [padded.width, padded.height, left, top];
    };
    expect(crop()).toEqual([20, 8, 5, -1]);
    expect(crop(true)).toEqual([20, 8, 0, -1]);
    expect(crop(false)).toEqual([10, 8, 0, -1]);
  });
});

describe('test_pipeline', () => {
  it('takes what mmdet, mmseg and mmpretrain write', () => {
    const pipeline = testPipelineSchema().parse([
      { type: 'LoadImageFromFile', backend_args: null, imdecode_backend: 'cv2' },
      {
        type: 'Resize',
        scale: [1333, 800],
        keep_ratio: true,
        backend: 'cv2',
        interpolation: 'bilinear',
        clip_object_border: true,
      },
      { type: 'LoadAnnotations', with_bbox: true, reduce_zero_label: true },
      { type: 'PackDetInputs', meta_keys: ['img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'] },
    ]);
    expect(prepareFrame(formulaPicture(40, 30, 1), pipeline).transform.resized).toEqual({ width: 1067, height: 800 });
    expect(prepare(5, 4).transform.padded).toEqual({ width: 5, height: 4 });
  });

  it.each([
    [{ type: 'Resise', scale: 5 }, "Did you mean 'Resize'?"],
    [{ scale: 5 }, 'expected the type of a step (LoadImageFromFile, '],
    [{ type: 'Resize' }, 'expected scale or scale_factor'],
    [{ type: 'Resize', scale: [0, 5] }, 'Too small'],
    [{ type: 'Resize', scale: 5, keepratio: true }, 'keepratio'],
    [{ type: 'Resize', scale: 5, interpolation: 'cubic' }, 'expected one of "nearest"|"bilinear"|"bicubic"|"area"'],
    [{ type: 'Resize', scale: 5, interpolation: 'box' }, 'of cv2 nearest, bilinear, bicubic, area, lanczos; of pillow'],
    [{ type: 'ResizeEdge', scale: 5, backend: 'pillow', interpolation: 'area' }, 'an interpolation of the backend'],
    [{ type: 'ResizeToMultiple', interpolation: 'box' }, 'expected one of "nearest"|"bilinear"'],
    [{ type: 'Pad' }, 'expected one of size, size_divisor and pad_to_square'],
    [{ type: 'Pad', size: [4, 4], size_divisor: 4 }, 'expected one of size, size_divisor and pad_to_square'],
    [{ type: 'Pad', size: [4, 4], padding_mode: 'wrap' }, 'expected one of "constant"|"edge"|"reflect"|"symmetric"'],
    [{ type: 'Normalize', mean: [1, 2, 3], std: [1, 0, 1] }, 'expected no zero'],
    [{ type: 'LoadImageFromFile', to_float32: true }, 'pictures are resized with 8 bits'],
    [{ type: 'LoadImageFromFile', color_type: 'grayscale' }, "expected 'color'"],
  ])('refuses %j', (step, message) => {
    expect(testPipelineSchema().safeParse([step]).error?.message.replaceAll('\\"', '"')).toContain(message);
  });

  it('refuses an order that cannot be', () => {
    const normalise = { type: 'Normalize', mean: [0], std: [1] };
    expect(() => prepare(9, 9, normalise, { type: 'Resize', scale: 5 })).toThrow(
      'test_pipeline: Resize: expected a place before Normalize',
    );
    expect(() => prepare(9, 9, { type: 'CenterCrop', crop_size: 5 }, { type: 'Pad', size_divisor: 32 })).toThrow(
      'test_pipeline: Pad: expected a place before CenterCrop',
    );
  });
});
