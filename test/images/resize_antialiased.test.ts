import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RgbImage } from '../../core/frame.js';
import { isNormalised, type Pixels } from '../../images/pixels.js';
import { resizeAntialiased } from '../../images/resize_antialiased.js';
import { prepareFrame, testPipelineSchema } from '../../steps/pipeline.js';
import { formulaPicture, imageFixture, imagePath, sha256 } from './formula_picture.js';
import { expectPixels, manifest, readPng } from './parity_images.js';

const filter = z.enum(['bilinear', 'bicubic']);
const size = z.number();

function classifierPipeline(scale: number, crop_size: number, interpolation: string) {
  return testPipelineSchema().parse([
    { type: 'LoadImageFromFile' },
    { type: 'ResizeEdge', scale, edge: 'short', backend: 'pillow', interpolation },
    { type: 'CenterCrop', crop_size },
    { type: 'PackInputs' },
  ]);
}

function rgb(pixels: Pixels): RgbImage {
  if (isNormalised(pixels)) throw new Error('expected 8-bit pixels');
  return pixels;
}

describe("torchvision's resize and centre crop of the drawn picture, to the bit", () => {
  it.each(manifest.resize_pillow)('$expected', async (entry) => {
    const pipeline = classifierPipeline(entry.shorter_side, entry.crop, entry.interpolation);
    const { pixels } = prepareFrame(await readPng(imagePath(entry.source)), pipeline);
    await expectPixels(rgb(pixels), entry.expected);
  });
});

describe('torchvision 0.16 on noise: Resize(shorter side), CenterCrop', () => {
  const schema = z.array(z.tuple([size, size, size, size, size, filter, z.string()]));
  it.each(imageFixture('torchvision_cropped.json', schema))(
    '%ix%i to %i, crop %i',
    (w, h, edge, crop, seed, interpolation, expected) => {
      const { pixels } = prepareFrame(formulaPicture(w, h, seed), classifierPipeline(edge, crop, interpolation));
      expect(sha256(rgb(pixels).data)).toBe(expected);
    },
  );
});

describe('Pillow 13 on noise', () => {
  const schema = z.array(z.tuple([size, size, size, size, size, filter, z.string()]));
  it.each(imageFixture('pillow_resized.json', schema))(
    '%ix%i to %ix%i',
    (w, h, width, height, seed, interpolation, expected) => {
      const { data } = resizeAntialiased(formulaPicture(w, h, seed), { width, height }, interpolation);
      expect(sha256(data)).toBe(expected);
    },
  );
});

describe('resizeAntialiased', () => {
  it('keeps one colour one colour, at any size', () => {
    const image = { width: 13, height: 9, data: new Uint8Array(13 * 9 * 3).fill(255) };
    for (const [width, height] of [
      [1, 1],
      [5, 20],
      [13, 30],
      [40, 3],
    ] as const) {
      for (const name of filter.options) {
        expect(resizeAntialiased(image, { width, height }, name).data.every((value) => value === 255)).toBe(true);
      }
    }
  });

  it('leaves a picture of that size alone, refuses one without pixels', () => {
    const image = formulaPicture(7, 5, 1);
    expect(resizeAntialiased(image, { width: 7, height: 5 }, 'bicubic')).toBe(image);
    expect(() => resizeAntialiased(image, { width: 0, height: 5 }, 'bicubic')).toThrow('at least 1x1 pixels');
  });
});
