import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { INTERPOLATIONS, interpolationsOf, resizePicture } from '../../images/resize_picture.js';
import { formulaPicture, imageFixture, sha256 } from './formula_picture.js';

const size = z.number();
const backends = ['cv2', 'pillow'] as const;
const fields = [size, size, size, size, size, z.enum(backends), z.enum(INTERPOLATIONS), z.string()] as const;
/** Places and values where the reference rounds the other way: in OpenCV's bicubic alone. */
const roundings = z.array(z.tuple([size, size]));
const schema = z.array(z.union([z.tuple(fields), z.tuple([...fields, roundings])]));

describe('OpenCV 4.11 and Pillow 13 on noise', () => {
  it.each(imageFixture('resized.json', schema))(
    '%ix%i to %ix%i, seed %i, %s %s',
    (w, h, width, height, seed, backend, interpolation, expected, others = []) => {
      const { data, ...resized } = resizePicture(
        formulaPicture(w, h, seed),
        { width, height },
        { backend, interpolation },
      );
      expect(resized).toEqual({ width, height });
      for (const [at, value] of others) {
        expect(Math.abs((data[at] ?? 0) - value)).toBe(1);
        data[at] = value;
      }
      expect(sha256(data)).toBe(expected);
      if (others.length > 0) expect(backend + interpolation).toBe('cv2bicubic');
      if (h >= 4 && w >= 4) expect(others.length / data.length).toBeLessThan(1e-4);
    },
  );
});

const ways = backends.flatMap((backend) =>
  INTERPOLATIONS.filter((name) => interpolationsOf(backend).includes(name)).map((interpolation) => ({
    backend,
    interpolation,
  })),
);

describe.each(ways)('$backend $interpolation', (way) => {
  it('leaves a picture of that size alone', () => {
    const image = formulaPicture(7, 5, 1);
    expect(resizePicture(image, { width: 7, height: 5 }, way)).toBe(image);
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
        expect(resizePicture(image, { width, height }, way).data.every((result) => result === value)).toBe(true);
      }
    }
  });

  it('refuses what has no pixels', () => {
    const none = { width: 0, height: 5, data: new Uint8Array() };
    expect(() => resizePicture(none, { width: 3, height: 3 }, way)).toThrow('a picture of at least 1x1 pixels');
    expect(() => resizePicture(formulaPicture(4, 4, 1), none, way)).toThrow('a size of at least 1x1 pixels');
  });
});

it('refuses an interpolation that the backend has not', () => {
  expect(() =>
    resizePicture(formulaPicture(4, 4, 1), { width: 2, height: 2 }, { backend: 'pillow', interpolation: 'area' }),
  ).toThrow(
    "resizePicture: expected an interpolation of pillow (nearest, bilinear, bicubic, box, lanczos, hamming) but received 'area'",
  );
});
