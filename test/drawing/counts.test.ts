import { describe, expect, test } from 'vitest';
import type { Box } from '../../core/results.js';
import { type DrawnLine, type DrawnZone, drawCounts } from '../../drawing/counts.js';
import { BLACK, classColour, WHITE } from '../../drawing/palette.js';
import { countColour, pixel, plain } from './pictures.js';

const line = (start: DrawnLine['start'], end: DrawnLine['end'], name = 'door'): DrawnLine => ({
  name,
  start,
  end,
  in: 12,
  out: 9,
});
const zone = (polygon: DrawnZone['polygon'], name = 'corner'): DrawnZone => ({ name, polygon, inside: 4, tracks: 12 });
const WHOLE: DrawnZone['polygon'] = [
  [100, 100],
  [300, 100],
  [300, 300],
  [100, 300],
];

describe('a line', () => {
  test.each<[string, DrawnLine, Box, Box]>([
    ['from left to right: in is up', line([50, 240], [590, 240]), [300, 200, 340, 230], [300, 250, 340, 280]],
    ['from right to left: in is down', line([590, 240], [50, 240]), [300, 250, 340, 280], [300, 200, 340, 230]],
    ['upwards: in is left', line([320, 430], [320, 50]), [280, 220, 310, 260], [330, 220, 360, 260]],
  ])('has an arrow to the side that objects go in to, %s', async (_, one, inside, outside) => {
    const drawn = await drawCounts(plain(640, 480), { lines: [one], zones: [] }, { tags: false });
    expect(countColour(drawn, WHITE, inside)).toBeGreaterThan(20);
    expect(countColour(drawn, WHITE, outside)).toBe(0);
    const [x, y] = [(one.start[0] * 3 + one.end[0]) / 4, (one.start[1] * 3 + one.end[1]) / 4];
    expect(pixel(drawn, x, y)).toEqual(WHITE);
  });

  test.each([0, 128, 255])('is seen on a ground of %i', async (ground) => {
    const drawn = await drawCounts(plain(640, 480, ground), { lines: [line([50, 240], [590, 240])], zones: [] });
    const around: Box = [60, 235, 200, 246];
    expect(countColour(drawn, WHITE, around)).toBeGreaterThan(250);
    expect(countColour(drawn, BLACK, around)).toBeGreaterThan(250);
  });

  test('has its counts on the other side of the arrow', async () => {
    const places = { lines: [line([50, 240], [590, 240])], zones: [] };
    const [drawn, plainly] = [
      await drawCounts(plain(640, 480), places),
      await drawCounts(plain(640, 480), places, { tags: false }),
    ];
    const changed = (box: Box) => countColour(drawn, BLACK, box) - countColour(plainly, BLACK, box);
    expect(changed([250, 246, 390, 290])).toBeGreaterThan(500);
    expect(changed([0, 0, 640, 240])).toBe(0);
  });
});

describe('a zone', () => {
  test('is lightly filled with the colour of its outline', async () => {
    const drawn = await drawCounts(plain(640, 480), { lines: [], zones: [zone(WHOLE)] }, { tags: false });
    const colour = classColour(0);
    expect(pixel(drawn, 100, 200)).toEqual(colour);
    expect(pixel(drawn, 50, 200)).toEqual([128, 128, 128]);
    pixel(drawn, 200, 200).forEach((value, channel) => {
      expect(value).toBe(Math.floor(128 + 0.18 * ((colour[channel] ?? 0) - 128) + 0.5));
    });
  });

  test('has its counts above it, or in it at the upper edge', async () => {
    for (const [top, tag] of [
      [100, [130, 80, 270, 100]],
      [0, [130, 3, 270, 20]],
    ] as const) {
      const polygon: DrawnZone['polygon'] = [
        [100, top],
        [300, top],
        [300, 300],
        [100, 300],
      ];
      const drawn = await drawCounts(plain(640, 480), { lines: [], zones: [zone(polygon)] });
      expect(countColour(drawn, classColour(0), [...tag])).toBeGreaterThan(700);
    }
  });

  test('may reach over the edges', async () => {
    const polygon: DrawnZone['polygon'] = [
      [-50.5, -20],
      [700, -20],
      [700, 500.25],
      [-50.5, 500],
    ];
    const drawn = await drawCounts(plain(640, 480), { lines: [], zones: [zone(polygon)] }, { tags: false });
    expect(countColour(drawn, pixel(drawn, 320, 240))).toBe(640 * 480);
  });
});

describe('of any size', () => {
  test.each([
    [16, 12],
    [160, 120],
    [1920, 1080],
  ])('%ix%i: the picture that was given is left alone', async (width, height) => {
    const image = plain(width, height);
    const polygon: DrawnZone['polygon'] = [
      [0, 0],
      [width, 0],
      [width / 2, height],
    ];
    const lines = [
      line([0, height / 2], [width, height / 2], 'a name that is far too long for any picture'.repeat(20)),
    ];
    const drawn = await drawCounts(image, { lines, zones: [zone(polygon)] });
    expect(drawn.data.length).toBe(image.data.length);
    expect(drawn.data).not.toEqual(image.data);
    expect(image.data.every((value) => value === 128)).toBe(true);
  });

  test('nothing to count is a copy', async () => {
    const image = plain(64, 48);
    const drawn = await drawCounts(image, { lines: [], zones: [] });
    expect(drawn.data).toEqual(image.data);
    expect(drawn.data).not.toBe(image.data);
  });
});
