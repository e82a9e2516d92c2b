/** `cv2.fillPoly`'s masks (`test/fixtures/tracking/make_counts.py`). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { maskHas, type PixelPoint, polygonMask } from '../../geometry/polygon_mask.js';

const recorded = z
  .array(z.strictObject({ polygon: z.array(z.tuple([z.int(), z.int()])), runs: z.array(z.int()) }))
  .parse(JSON.parse(readFileSync(new URL('../fixtures/tracking/polygon_masks.json', import.meta.url), 'utf8')));
const SIZE = { width: 60, height: 40 };

/** The runs of 0 and 1 of `SIZE`, row by row. */
function runsOf(polygon: readonly PixelPoint[]): readonly number[] {
  const mask = polygonMask(polygon);
  const runs: number[] = [];
  let [last, length] = [false, 0];
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      const has = maskHas(mask, x, y);
      if (has !== last) {
        runs.push(length);
        [last, length] = [has, 0];
      }
      length++;
    }
  }
  return [...runs, length];
}

describe('polygonMask', () => {
  test("has fillPoly's pixels, of concave, flat and crossing polygons", () => {
    expect(recorded.length).toBeGreaterThan(50);
    for (const { polygon, runs } of recorded) expect(runsOf(polygon), JSON.stringify(polygon)).toEqual(runs);
  });

  test('has the same pixels wherever the polygon lies', () => {
    const [{ polygon } = { polygon: [] }] = recorded;
    const moved = polygonMask(polygon.map(([x, y]): PixelPoint => [x - 5000, y + 20_000]));
    const { data, left, top } = polygonMask(polygon);
    expect([moved.data, moved.left, moved.top]).toEqual([data, left - 5000, top + 20_000]);
  });

  test.each<[string, readonly PixelPoint[], RegExp]>([
    [
      'two corners',
      [
        [0, 0],
        [4, 4],
      ],
      /^polygon: expected three corners or more, but received 2$/,
    ],
    [
      'fractions',
      [
        [0, 0],
        [4.5, 4],
        [1, 9],
      ],
      /expected whole pixels from -32768 to 32767, but received '4\.5,4'/,
    ],
    [
      'NaN',
      [
        [0, 0],
        [4, Number.NaN],
        [1, 9],
      ],
      /expected whole pixels/,
    ],
    [
      'a corner far away',
      [
        [0, 0],
        [32_768, 0],
        [1, 9],
      ],
      /expected whole pixels/,
    ],
    [
      'more pixels than any picture',
      [
        [-32_768, 0],
        [32_767, 0],
        [0, 32_767],
      ],
      /received '65536x32768'/,
    ],
  ])('refuses %s', (_, polygon, message) => {
    expect(() => polygonMask(polygon)).toThrow(LowformerError);
    expect(() => polygonMask(polygon)).toThrow(message);
  });
});
