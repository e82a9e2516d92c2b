import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resizeBilinear } from '../../images/resize_bilinear.js';
import { formulaPicture, imageFixture, imagePath, sha256 } from './formula_picture.js';
import { expectPixels, manifest, readPng } from './parity_images.js';

describe("mmcv's resize of the drawn picture, to the bit", () => {
  it.each(manifest.resize)('$expected', async ({ source, width, height, expected }) => {
    await expectPixels(resizeBilinear(await readPng(imagePath(source)), { width, height }), expected);
  });
});

const size = z.number();
const schema = z.array(z.tuple([size, size, size, size, size, z.string()]));

describe('OpenCV 4.11 on noise, to the bit', () => {
  it.each(imageFixture('opencv_bilinear.json', schema))('%ix%i to %ix%i', (w, h, width, height, seed, expected) => {
    const { data } = resizeBilinear(formulaPicture(w, h, seed), { width, height });
    expect(data.length).toBe(width * height * 3);
    expect(sha256(data)).toBe(expected);
  });
});

describe('resizeBilinear', () => {
  it('leaves a picture of that size alone', () => {
    const image = formulaPicture(7, 5, 1);
    expect(resizeBilinear(image, { width: 7, height: 5 })).toBe(image);
  });

  it('keeps one colour one colour, at any size', () => {
    for (const value of [0, 1, 127, 254, 255]) {
      const image = { width: 13, height: 9, data: new Uint8Array(13 * 9 * 3).fill(value) };
      for (const [width, height] of [
        [1, 1],
        [5, 20],
        [13, 30],
        [40, 3],
        [26, 18],
      ] as const) {
        const { data } = resizeBilinear(image, { width, height });
        expect(data.every((result) => result === value)).toBe(true);
      }
    }
  });

  it('does not mix channels', () => {
    const image = formulaPicture(31, 17, 2);
    const turned = { ...image, data: image.data.map((_, i) => image.data[i - (i % 3) + 2 - (i % 3)] ?? 0) };
    const [a, b] = [image, turned].map((picture) => resizeBilinear(picture, { width: 50, height: 9 }).data);
    expect(b?.map((_, i) => b[i - (i % 3) + 2 - (i % 3)] ?? 0)).toEqual(a);
  });

  it.each([
    [0, 5],
    [5, -1],
    [2.5, 5],
    [Number.NaN, 5],
  ])('refuses %d x %d', (width, height) => {
    expect(() => resizeBilinear(formulaPicture(4, 4, 1), { width, height })).toThrow(
      'resizeBilinear: expected a size of at least 1x1 pixels',
    );
    const none = { width, height, data: new Uint8Array() };
    expect(() => resizeBilinear(none, { width: 3, height: 3 })).toThrow('expected a picture of at least 1x1 pixels');
  });
});
