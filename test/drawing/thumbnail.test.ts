import { describe, expect, it } from 'vitest';
import { classColour } from '../../drawing/palette.js';
import {
  type AnnotatedBox,
  drawBoxThumbnail,
  drawLabelThumbnail,
  drawNamedThumbnail,
  thumbnailSize,
} from '../../drawing/thumbnail.js';
import { countColour, pixel, plain } from './pictures.js';

const object = (box: AnnotatedBox['box'], index: number, name: string, ignored = false): AnnotatedBox => {
  return { box, classIndex: index, name, ignored };
};

describe('thumbnailSize', () => {
  it.each([
    [640, 480, 320, 240],
    [480, 640, 240, 320],
    [32, 32, 320, 320],
    [10_000, 3, 320, 1],
  ])('%ix%i becomes %ix%i', (width, height, w, h) => {
    expect(thumbnailSize({ width, height }, 320)).toEqual({ width: w, height: h });
  });
});

describe('drawBoxThumbnail', () => {
  const size = { width: 320, height: 240 };

  it('draws boxes where they lie in the small picture, two pixels wide', async () => {
    const drawn = await drawBoxThumbnail(plain(640, 480), [object([100, 120, 300, 320], 1, 'dog')], size);
    expect([drawn.width, drawn.height]).toEqual([320, 240]);
    const row = Array.from({ length: 320 }, (_, x) => pixel(drawn, x, 110)).map(([red]) => red === 255);
    expect(row.flatMap((line, x) => (line ? [x] : []))).toEqual([50, 51, 148, 149]);
  });

  it('hatches what is not scored, in the colour of its class', async () => {
    const inside = [60, 70, 140, 150] as const;
    const draw = (ignored: boolean) =>
      drawBoxThumbnail(plain(640, 480), [object([100, 120, 300, 320], 1, 'dog', ignored)], size);
    expect(countColour(await draw(false), classColour(1), inside)).toBe(0);
    expect(countColour(await draw(true), classColour(1), inside) / 6400).toBeCloseTo(2 / 7, 1);
  });

  it('writes the first letters where the whole name has no room', async () => {
    const name = 'refrigerator';
    const narrow = { width: 60, height: 60 };
    const drawn = await drawBoxThumbnail(plain(60, 60), [object([10, 30, 50, 55], 3, name)], narrow);
    const letters = await drawBoxThumbnail(plain(60, 60), [object([10, 30, 50, 55], 3, name.slice(0, 5))], narrow);
    expect(drawn).toEqual(letters);
    expect(countColour(drawn, classColour(3), [0, 0, 60, 30])).toBeGreaterThan(100);
  });

  it('names the class that is rare in the picture, however crowded it is', async () => {
    const crowd = Array.from({ length: 200 }, (_, i) => {
      const [x, y] = [(i % 20) * 32, Math.floor(i / 20) * 48];
      return object([x, y, x + 40, y + 60], 0, 'cell');
    });
    const rare = object([300, 200, 330, 230], 3, 'seed');
    const drawn = await drawBoxThumbnail(plain(640, 480), [...crowd, rare], size);
    expect(countColour(drawn, classColour(3))).toBeGreaterThan(250);
  });

  it('leaves the picture that it was given alone, and takes boxes beyond its edge', async () => {
    const image = plain(320, 240);
    const boxes = [object([-50, -50, 40, 40], 0, 'a', true), object([900, 900, 950, 950], 1, 'b', true)];
    const drawn = await drawBoxThumbnail(image, boxes, size);
    expect(image.data.every((value) => value === 128)).toBe(true);
    expect(countColour(drawn, classColour(1))).toBe(0);
    expect(countColour(drawn, classColour(0))).toBeGreaterThan(100);
  });
});

describe('drawLabelThumbnail', () => {
  const size = { width: 100, height: 80 };
  /** The left half class 2, the right half ignored. */
  const halves = (width: number, height: number) =>
    Uint8Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? 2 : 255));

  it('blends classes half and half, and greys and hatches what is ignored', async () => {
    const image = {
      ...plain(200, 160),
      data: Uint8Array.from({ length: 96_000 }, (_, i) => [200, 100, 40][i % 3] ?? 0),
    };
    const labels = { width: 200, height: 160, labels: halves(200, 160), ignored: 255, names: [] };
    const drawn = await drawLabelThumbnail(image, labels, size);
    const [r, g, b] = classColour(2);
    for (const x of [0, 25, 49]) {
      expect(pixel(drawn, x, 40)).toEqual([
        Math.round((200 + r) / 2),
        Math.round((100 + g) / 2),
        Math.round((40 + b) / 2),
      ]);
    }
    // 0.299 * 200 + 0.587 * 100 + 0.114 * 40 = 123.06, towards 200: 161.53.
    const light = countColour(drawn, [162, 162, 162], [50, 0, 100, 80]);
    const dark = countColour(drawn, [81, 81, 81], [50, 0, 100, 80]);
    expect(light + dark).toBe(50 * 80);
    expect(dark / (50 * 80)).toBeCloseTo(2 / 7, 1);
  });

  it('names regions, in as many letters as there is room for', async () => {
    const labels = { width: 100, height: 80, labels: halves(100, 80), ignored: 255, names: ['', '', 'pavement'] };
    const drawn = await drawLabelThumbnail(plain(100, 80), labels, size);
    expect(countColour(drawn, classColour(2), [0, 0, 50, 80])).toBeGreaterThan(150);
    expect(countColour(drawn, classColour(2), [50, 0, 100, 80])).toBe(0);
  });

  it('refuses labels of another size', async () => {
    const labels = { width: 80, height: 100, labels: halves(80, 100), ignored: 255, names: [] };
    await expect(drawLabelThumbnail(plain(100, 80), labels, size)).rejects.toThrow(
      "drawLabelThumbnail: expected a label map of 100x80, as the picture, but received '80x100'",
    );
  });
});

describe('drawNamedThumbnail', () => {
  it('writes the name in the corner of a copy', async () => {
    const image = plain(320, 240);
    const drawn = await drawNamedThumbnail(image, 'tench', 0, { width: 320, height: 240 });
    expect(countColour(drawn, classColour(0), [0, 0, 60, 16])).toBeGreaterThan(200);
    expect(image.data.every((value) => value === 128)).toBe(true);
  });
});
