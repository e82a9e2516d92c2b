import { describe, expect, it } from 'vitest';
import {
  clsPreprocessorSchema,
  detPreprocessorSchema,
  type Preprocessor,
  packedValues,
  segPreprocessorSchema,
  toBatch,
} from '../../images/batch.js';
import { prepareFrame } from '../../steps/pipeline.js';
import { unpackedFor } from '../unpacked_pixels.js';
import { formulaPicture } from './formula_picture.js';

const frame = (width: number, height: number, seed = 1) => prepareFrame(formulaPicture(width, height, seed), []);
const mean = [123.675, 116.28, 103.53];
const std = [58.395, 57.12, 57.375];

const PREPROCESSORS: Readonly<Record<string, Preprocessor>> = {
  'RGB, padded with 0': detPreprocessorSchema.parse({ mean, std, bgr_to_rgb: true, pad_size_divisor: 32 }),
  'BGR, padded with another value': detPreprocessorSchema.parse({ mean, std, pad_size_divisor: 32, pad_value: 0.3 }),
  'one mean for all': segPreprocessorSchema.parse({
    mean: [127.5],
    std: [127.5],
    pad_val: 9,
    test_cfg: { size: [40, 50] },
  }),
  'not normalised': clsPreprocessorSchema.parse({ to_rgb: true }),
};

describe('packed pixels are the normalised ones once the network has taken them apart', () => {
  it.each(Object.keys(PREPROCESSORS))('%s', (name) => {
    const preprocessor = PREPROCESSORS[name] ?? detPreprocessorSchema.parse({});
    const sizes: readonly [number, number][] =
      preprocessor.type === 'SegDataPreProcessor'
        ? [[30, 20]]
        : [
            [30, 20],
            [17, 37],
          ];
    const frames = sizes.map(([width, height], i) => frame(width, height, i));
    const [normalised, packed] = [toBatch(frames, preprocessor, 8), toBatch(frames, preprocessor, 8, 'packed')];
    expect(packed.transforms).toEqual(normalised.transforms);
    const [n, , height, width] = normalised.input.shape;
    expect(packed.input.shape).toEqual([n, 1, height, width]);
    expect(unpackedFor(preprocessor, packed.input)).toEqual(normalised.input);
  });

  it('for every byte', () => {
    const preprocessor = detPreprocessorSchema.parse({ mean, std, bgr_to_rgb: true });
    const data = Uint8Array.from({ length: 3 * 256 }, (_, i) => (i % 3 === 0 ? 255 : Math.floor(i / 3)));
    const bytes = prepareFrame({ width: 256, height: 1, data }, []);
    const { input } = toBatch([bytes], preprocessor, 1, 'packed');
    expect(input.data[7]).toBe(255 + 7 * 2 ** 8 + 7 * 2 ** 16);
    expect(unpackedFor(preprocessor, input)).toEqual(toBatch([bytes], preprocessor).input);
    expect(packedValues(preprocessor)).toHaveLength(771);
  });
});

it('frames that are normalised already have no bytes', () => {
  const normalised = prepareFrame(formulaPicture(4, 4, 1), [{ type: 'Normalize', mean, std, to_rgb: true }]);
  expect(() => toBatch([normalised], detPreprocessorSchema.parse({}), 1, 'packed')).toThrow(
    "toBatch: expected 8-bit pixels, to be packed, but received 'a frame that is normalised already'",
  );
});
