import { describe, expect, it } from 'vitest';
import { classColour, classPalette, contrastRatio, type Rgb, textColour } from '../../drawing/palette.js';
import { seededRandom } from '../random.js';

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('class colours', () => {
  it.each([
    [3, 140],
    [20, 60],
    [80, 30],
    [150, 25],
  ])('keeps %i classes at least %i apart in RGB', (count, apart) => {
    const palette = classPalette(count);
    expect(palette).toHaveLength(count);
    const least = Math.min(...palette.flatMap((a, i) => palette.slice(i + 1).map((b) => distance(a, b))));
    expect(least).toBeGreaterThanOrEqual(apart);
  });

  it('gives a class the same colour however many classes there are, in any order of asking', () => {
    expect(classColour(149)).toEqual(classPalette(300)[149]);
    expect(classPalette(5)).toEqual(classPalette(300).slice(0, 5));
  });

  it('gives a colour to every index, far beyond the distinct ones', () => {
    for (const colour of [classColour(65535), classColour(10 ** 9)]) {
      expect(colour.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)).toBe(true);
    }
  });

  it("takes the config's palette first", () => {
    const given = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(classPalette(3, given)).toEqual([[1, 2, 3], [4, 5, 6], classColour(2)]);
  });
});

describe('text colour', () => {
  it('measures contrast as WCAG does', () => {
    expect(contrastRatio([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 10);
    expect(contrastRatio([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 2);
    expect(contrastRatio([255, 0, 0], [255, 0, 0])).toBe(1);
  });

  it('reads on every background', () => {
    const random = seededRandom(3);
    const channel = () => Math.floor(random() * 256);
    for (let i = 0; i < 2000; i++) {
      const background: Rgb = [channel(), channel(), channel()];
      expect(contrastRatio(background, textColour(background))).toBeGreaterThanOrEqual(4.58);
    }
  });
});
