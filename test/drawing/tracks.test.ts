import { describe, expect, test } from 'vitest';
import { drawDetections } from '../../drawing/detections.js';
import { classColour } from '../../drawing/palette.js';
import { drawTracks } from '../../drawing/tracks.js';
import { countColour, detection, pixel, plain } from './pictures.js';

const track = (trackId: number, index: number, name: string) => ({
  ...detection([100, 120, 300, 320], index, name),
  trackId,
});

describe('drawTracks', () => {
  test("is drawDetections with the track's colour, whatever the class, and its number before the name", async () => {
    const image = plain(640, 480);
    const drawn = await drawTracks(image, [track(7, 2, 'dog')]);
    expect(drawn.data).toEqual((await drawDetections(image, [detection([100, 120, 300, 320], 7, '#7 dog')])).data);
    expect(pixel(drawn, 100, 200)).toEqual(classColour(7));
    expect(image.data.every((value) => value === 128)).toBe(true);
  });

  test('draws where an object was, in its colour, below the boxes', async () => {
    const image = plain(640, 480);
    const tails = (trackId: number) =>
      trackId === 7
        ? ([
            [400, 50],
            [200, 220],
          ] as const)
        : [];
    const drawn = await drawTracks(image, [track(7, 0, 'dog'), track(8, 0, 'cat')], { tails, tags: false });
    const without = await drawTracks(image, [track(7, 0, 'dog'), track(8, 0, 'cat')], { tags: false });
    expect(pixel(drawn, 400, 50)).toEqual(classColour(7));
    expect(countColour(drawn, classColour(8))).toBe(countColour(without, classColour(8)));
    expect(countColour(drawn, classColour(7))).toBeGreaterThan(countColour(without, classColour(7)) + 200);
    expect(image.data.every((value) => value === 128)).toBe(true);
  });

  test('draws counts: the places below the boxes', async () => {
    const image = plain(640, 480);
    const line = { name: 'door', start: [0, 200], end: [640, 200], in: 1, out: 0 } as const;
    const drawn = await drawTracks(image, [track(7, 0, 'dog')], { counts: { lines: [line], zones: [] }, tags: false });
    expect(pixel(drawn, 50, 200)).toEqual([255, 255, 255]);
    expect(pixel(drawn, 100, 200)).toEqual(classColour(7));
    expect(image.data.every((value) => value === 128)).toBe(true);
  });
});
