import { describe, expect, it } from 'vitest';
import { classIndex } from '../../core/brands.js';
import { loadCanvas } from '../../drawing/font.js';
import { layOutLegend } from '../../drawing/legend.js';
import { classColour } from '../../drawing/palette.js';
import { drawSegmentation } from '../../drawing/segmentation.js';
import { textMeasure } from '../../drawing/text.js';
import { countColour, pixel, plain, stripes } from './pictures.js';

const names = (count: number) => Array.from({ length: count }, (_, i) => `class number ${i}`);

describe('drawSegmentation', () => {
  it('blends half and half, rounding', async () => {
    const drawn = await drawSegmentation(plain(40, 30), stripes(40, 30, names(3)), { legend: false });
    expect([drawn.width, drawn.height]).toEqual([40, 30]);
    for (const [row, label] of [
      [0, 0],
      [9, 0],
      [10, 1],
      [29, 2],
    ] as const) {
      const expected = classColour(label).map((value) => Math.floor(128 + 0.5 * (value - 128) + 0.5));
      expect(pixel(drawn, 20, row)).toEqual(expected);
    }
  });

  it('blends by the alpha asked for, in the palette given', async () => {
    const [image, map] = [plain(8, 8, 200), stripes(8, 8, ['a'])];
    const palette = [[0, 100, 255]];
    expect(pixel(await drawSegmentation(image, map, { alpha: 0, legend: false, palette }), 4, 4)).toEqual([
      200, 200, 200,
    ]);
    expect(pixel(await drawSegmentation(image, map, { alpha: 1, legend: false, palette }), 4, 4)).toEqual([
      0, 100, 255,
    ]);
  });

  it('lays a short legend inside a large picture', async () => {
    const drawn = await drawSegmentation(plain(640, 480), stripes(640, 480, ['sky', 'road', 'tree']));
    expect([drawn.width, drawn.height]).toEqual([640, 480]);
    for (const label of [0, 1, 2]) expect(countColour(drawn, classColour(label), [0, 300, 200, 480])).toBe(100);
    expect(countColour(drawn, [0, 0, 0], [0, 300, 200, 480])).toBeGreaterThan(15);
  });

  it.each([
    ['to the right', 400, 300, 'width'],
    ['below a wide picture', 900, 300, 'height'],
  ] as const)('lays a long legend %s, with a swatch for each class that occurs', async (_, width, height, grows) => {
    const map = stripes(width, height, names(20));
    const absent = { classIndex: classIndex(30), category: 'absent', pixels: 0 };
    const drawn = await drawSegmentation(plain(width, height), { ...map, classes: [absent, ...map.classes] });
    expect(drawn[grows]).toBeGreaterThan(grows === 'width' ? width : height);
    const strip =
      grows === 'width'
        ? ([width, 0, drawn.width, drawn.height] as const)
        : ([0, height, drawn.width, drawn.height] as const);
    for (let label = 0; label < 20; label++) {
      expect(countColour(drawn, classColour(label), strip), `class ${label}`).toBe(100);
    }
    expect(countColour(drawn, classColour(30))).toBe(0);
  });

  it.each([
    [512, 512],
    [2000, 300],
    [100, 2000],
    [32, 32],
    [1, 1],
    [4000, 3],
  ])('draws 150 classes on %ix%i without running over', async (width, height) => {
    const map = stripes(width, height, names(150));
    const everything = { ...map, classes: map.classes.map((entry) => ({ ...entry, pixels: entry.pixels + 1 })) };
    const drawn = await drawSegmentation(plain(width, height), everything);
    expect(drawn.data).toHaveLength(drawn.width * drawn.height * 3);
    expect(drawn.width).toBeLessThanOrEqual(Math.max(2 * width, width + 300));
    expect(drawn.height).toBeLessThanOrEqual(Math.max(2 * height, height + 180));
  });

  it('refuses a map of another size', async () => {
    await expect(drawSegmentation(plain(4, 4), stripes(5, 4, ['a']))).rejects.toMatchObject({
      code: 'invalid-argument',
      message: "drawSegmentation: expected a label map of 4x4 but received '5x4'",
    });
  });
});

describe('the legend', () => {
  const entries = (count: number) =>
    names(count).map((name, i) => ({ name, share: `${i}.0 %`, colour: classColour(i) }));

  it('counts what finds no place', async () => {
    const measure = textMeasure(await loadCanvas());
    const layout = layOutLegend(measure, entries(150), 12, { rows: 10, width: 400 });
    expect(layout.rows).toBe(10);
    expect(layout.entries).toHaveLength(layout.rows * layout.columns - 1);
    expect(layout.more).toBe(`and ${150 - layout.entries.length} more`);
    expect(layout.width).toBeLessThanOrEqual(400);
  });

  it('lists every class where there is room', async () => {
    const measure = textMeasure(await loadCanvas());
    const layout = layOutLegend(measure, entries(150), 12, { rows: 40, width: 2000 });
    expect([layout.rows, layout.columns, layout.entries.length, layout.more]).toEqual([38, 4, 150, undefined]);
  });
});
