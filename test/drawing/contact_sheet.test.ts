import { describe, expect, it } from 'vitest';
import { drawContactSheet, layOutSheet, type SheetPicture } from '../../drawing/contact_sheet.js';
import { classColour } from '../../drawing/palette.js';
import { countColour, pixel, plain } from './pictures.js';

const sizes = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([width, height]) => ({ width, height }));
const none = { width: 0, height: 0 };

function shown(width: number, height: number, value: number, more: Partial<SheetPicture> = {}): SheetPicture {
  return { image: plain(width, height, value), title: 'a.png', note: '64x48', warning: false, ...more };
}

describe('layOutSheet', () => {
  it('sets rows as high as their highest picture, columns as wide as the widest', () => {
    const { places, width, captionWidth } = layOutSheet(sizes([320, 240], [180, 320], [320, 100]), 2, none);
    expect(captionWidth).toBe(320);
    expect(places.map(({ x, y }) => [x, y])).toEqual([
      [12, 48],
      [342, 48],
      [12, 48 + 320 + 46],
    ]);
    expect(places.map(({ titleTop }) => titleTop)).toEqual([290, 370, 516]);
    expect(width).toBe(12 + 320 + 10 + 320 + 12);
  });

  it('has no more columns than pictures, and room for its legend', () => {
    expect(layOutSheet(sizes([320, 240]), 6, none).width).toBe(344);
    const { width, places } = layOutSheet(sizes([320, 240]), 6, { width: 500, height: 90 });
    expect(width).toBe(524);
    expect(places[0]?.y).toBe(48 + 90);
  });

  it('lets no two pictures touch, and all lie inside', () => {
    for (let count = 1; count <= 25; count++) {
      const thumbnails = Array.from({ length: count }, (_, i) => ({ width: 20 + i * 9, height: 300 - i * 11 }));
      for (const columns of [1, 2, 5, 30]) {
        const { places, width, height } = layOutSheet(thumbnails, columns, none);
        const boxes = places.map(
          ({ x, y, noteTop }, i) => [x, y, x + (thumbnails[i]?.width ?? 0), noteTop + 17] as const,
        );
        for (const [i, a] of boxes.entries()) {
          expect(a[0] >= 0 && a[1] >= 0 && a[2] <= width && a[3] <= height).toBe(true);
          for (const b of boxes.slice(i + 1)) {
            expect(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]).toBe(true);
          }
        }
      }
    }
  });
});

describe('drawContactSheet', () => {
  const legend = [
    { name: 'cat', share: '12', colour: classColour(0) },
    { name: 'dog', share: '3', colour: classColour(1) },
  ];

  it('puts every picture where the layout says, pixel by pixel', async () => {
    const pictures = [shown(200, 150, 40), shown(200, 150, 90), shown(200, 100, 200)];
    const sheet = await drawContactSheet({ heading: '', pictures, columns: 2, legend: [] });
    const layout = layOutSheet(sizes([200, 150], [200, 150], [200, 100]), 2, none);
    expect([sheet.width, sheet.height]).toEqual([layout.width, layout.height]);
    for (const [i, value] of [40, 90, 200].entries()) {
      const { x, y } = layout.places[i] ?? { x: 0, y: 0 };
      const height = i === 2 ? 100 : 150;
      expect(countColour(sheet, [value, value, value], [x, y, x + 200, y + height])).toBe(200 * height);
      expect(pixel(sheet, x + 200, y)).toEqual([255, 255, 255]);
    }
  });

  it('has a heading, a legend with swatches and two lines under each picture', async () => {
    const sheet = await drawContactSheet({
      heading: 'Ten of 20',
      pictures: [shown(300, 200, 128)],
      columns: 1,
      legend,
    });
    expect(countColour(sheet, [0, 0, 0], [0, 12, 200, 38])).toBeGreaterThan(50);
    for (const { colour } of legend) expect(countColour(sheet, colour)).toBe(11 * 11);
    const top = [...Array(sheet.height).keys()].find((y) => pixel(sheet, 20, y)[0] === 128) ?? 0;
    for (const y of [top + 202, top + 219]) {
      expect(countColour(sheet, [0, 0, 0], [12, y, 200, y + 17])).toBeGreaterThan(5);
    }
  });

  it('marks the note of a picture that something is wrong with', async () => {
    const red = [190, 24, 40] as const;
    const draw = (warning: boolean) =>
      drawContactSheet({ heading: '', pictures: [shown(200, 100, 128, { warning })], columns: 1, legend: [] });
    expect(countColour(await draw(false), red)).toBe(0);
    expect(countColour(await draw(true), red)).toBeGreaterThan(300);
  });

  it('keeps long names, many lines and many classes within the sheet', async () => {
    const long = 'frankfurt/'.repeat(300);
    const many = Array.from({ length: 1200 }, (_, i) => ({
      name: `${long}${i}`,
      share: `${i}`,
      colour: classColour(0),
    }));
    const pictures = [shown(30, 90, 128, { title: long, note: `a\nb\u0000${long}` })];
    const sheet = await drawContactSheet({ heading: long, pictures, columns: 6, legend: many });
    expect(sheet.width).toBeLessThan(420);
    expect(sheet.height).toBeLessThan(800);
    // The right margin is white all the way down.
    expect(countColour(sheet, [255, 255, 255], [sheet.width - 4, 0, sheet.width, sheet.height])).toBe(4 * sheet.height);
  });

  it('shows the end of a name that is too long: that is where names differ', async () => {
    const draw = (title: string) =>
      drawContactSheet({ heading: '', pictures: [shown(150, 60, 128, { title })], columns: 1, legend: [] });
    const start = 'x'.repeat(80);
    const [one, two] = [await draw(`${start}1`), await draw(`${start}2`)];
    expect(Buffer.compare(one.data, two.data)).not.toBe(0);
    expect((await draw(`1${start}`)).data).toEqual((await draw(`2${start}`)).data);
  });
});
