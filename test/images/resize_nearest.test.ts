import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resizeNearest } from '../../images/resize_nearest.js';
import { formulaPicture, imageFixture, sha256 } from './formula_picture.js';

const size = z.number();
const schema = z.array(z.tuple([size, size, size, size, size, z.string(), z.string()]));

/** Labels that follow from the seed alone. */
const labelsOf = (width: number, height: number, seed: number) => ({
  width,
  height,
  labels: formulaPicture(width, height, seed).data.slice(0, width * height),
});

describe("OpenCV 4.11's INTER_NEAREST and Pillow 13's NEAREST, label for label", () => {
  it.each(imageFixture('nearest_resized.json', schema))(
    '%ix%i to %ix%i',
    (from, down, width, height, seed, opencv, pillow) => {
      const map = labelsOf(from, down, seed);
      expect(sha256(Uint8Array.from(resizeNearest(map, { width, height }, 'cv2').labels))).toBe(opencv);
      expect(sha256(Uint8Array.from(resizeNearest(map, { width, height }, 'pillow').labels))).toBe(pillow);
    },
  );
});

describe('resizeNearest', () => {
  const three = { width: 3, height: 1, labels: Uint8Array.of(7, 8, 9) };

  it('reads the upper left corner of the new pixel as OpenCV, or its centre as Pillow', () => {
    const two = { width: 2, height: 1 };
    expect([...resizeNearest(three, two, 'cv2').labels]).toEqual([7, 8]);
    expect([...resizeNearest(three, two, 'pillow').labels]).toEqual([7, 9]);
  });

  it('keeps 16 bits, and a map of that size as it is', () => {
    const wide = { width: 1, height: 1, labels: Uint16Array.of(40_000) };
    expect(resizeNearest(wide, { width: 2, height: 1 }, 'cv2').labels).toEqual(Uint16Array.of(40_000, 40_000));
    expect(resizeNearest(three, { width: 3, height: 1 }, 'cv2')).toBe(three);
  });

  it('makes no label that was not there', () => {
    const map = labelsOf(31, 17, 3);
    const there = new Set(map.labels);
    for (const rule of ['cv2', 'pillow'] as const) {
      const { labels } = resizeNearest(map, { width: 50, height: 9 }, rule);
      expect([...labels].filter((label) => !there.has(label))).toEqual([]);
    }
  });

  it('refuses sizes without pixels', () => {
    expect(() => resizeNearest(three, { width: 0, height: 4 }, 'cv2')).toThrow(
      'resizeNearest: expected a size of at least 1x1 pixels',
    );
  });
});
