import { describe, expect, test } from 'vitest';
import { type Point, strokePolyline } from '../../drawing/polyline.js';
import { countColour, plain } from './pictures.js';

const RED = [255, 0, 0] as const;
const GREY = [128, 128, 128] as const;

/** Distance of a point from a segment, by the book. */
function distance([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const square = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const along = square === 0 ? 0 : ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / square;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1));
}

describe('strokePolyline', () => {
  test.each<[string, readonly Point[], number]>([
    [
      'level',
      [
        [5, 10],
        [50, 10],
      ],
      3,
    ],
    [
      'upright',
      [
        [20, 35],
        [20, 4],
      ],
      4,
    ],
    [
      'slanted',
      [
        [3, 4],
        [55, 31],
      ],
      2.5,
    ],
    [
      'almost level',
      [
        [3, 20],
        [55, 20.4],
      ],
      1,
    ],
    [
      'steep',
      [
        [30, 2],
        [33, 38],
      ],
      1,
    ],
    [
      'with a corner',
      [
        [5, 35],
        [30, 5],
        [55, 35],
      ],
      5,
    ],
    ['a dot', [[30, 20]], 9],
    [
      'partly outside',
      [
        [-20, -3],
        [80, 44],
      ],
      6,
    ],
  ])('takes the pixels whose centre is within half of the width: %s', (_, points, width) => {
    const image = plain(60, 40);
    strokePolyline(image, points, width, RED);
    const expected = plain(60, 40);
    const segments = points.length === 1 ? [[0, 0]] : points.slice(1).map((__, i) => [i, i + 1]);
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 60; x++) {
        const near = segments.some(
          ([a = 0, b = 0]) => distance([x + 0.5, y + 0.5], points[a] ?? [0, 0], points[b] ?? [0, 0]) <= width / 2,
        );
        if (near) expected.data.set(RED, (y * 60 + x) * 3);
      }
    }
    expect(countColour(image, RED) + countColour(image, GREY)).toBe(60 * 40);
    expect(image.data).toEqual(expected.data);
  });

  test('draws nothing of nothing, and nothing outside', () => {
    const image = plain(20, 20);
    strokePolyline(image, [], 3, RED);
    strokePolyline(
      image,
      [
        [-30, -30],
        [-10, 50],
      ],
      3,
      RED,
    );
    strokePolyline(image, [[500, 500]], 3, RED);
    expect(countColour(image, RED)).toBe(0);
  });
});
