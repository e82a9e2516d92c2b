import { describe, expect, it } from 'vitest';
import type { Box } from '../../core/results.js';
import { type PlacedTag, placeTags } from '../../drawing/tag_layout.js';
import { seededRandom } from '../random.js';

const form = (width: number, height: number) => ({ text: 'cat 0.87', fontSize: 12, width, height });
const picture = { width: 200, height: 100 };

function overlap(a: PlacedTag, b: PlacedTag): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('placeTags', () => {
  it('prefers the place above the left corner', () => {
    expect(placeTags(picture, [{ outline: [20, 40, 90, 90], forms: [form(50, 16)] }])).toMatchObject([
      { x: 20, y: 24 },
    ]);
  });

  it('moves inside the picture at its edges', () => {
    const tags = placeTags(picture, [
      { outline: [180, 5, 200, 60], forms: [form(50, 16)] },
      { outline: [-5, 90, 20, 100], forms: [form(50, 16)] },
    ]);
    expect(tags).toMatchObject([
      { x: 150, y: 0 },
      { x: 0, y: 74 },
    ]);
  });

  it('moves away from a tag that is there already', () => {
    const outline: Box = [20, 40, 90, 90];
    const tags = placeTags(picture, [
      { outline, forms: [form(50, 16)] },
      { outline, forms: [form(50, 16)] },
    ]);
    expect(tags).toMatchObject([
      { x: 20, y: 24 },
      { x: 20, y: 40 },
    ]);
  });

  it('takes the smaller form, then none, where small boxes crowd', () => {
    const items = Array.from({ length: 60 }, (_, i) => {
      const [x, y] = [10 + 18 * (i % 10), 5 + 15 * Math.floor(i / 10)];
      return { outline: [x, y, x + 8, y + 8] as const, forms: [form(50, 16), form(30, 12)] };
    });
    const tags = placeTags(picture, items).flatMap((tag) => tag ?? []);
    const count = (width: number) => tags.filter((tag) => tag.width === width).length;
    expect(count(50)).toBeGreaterThan(5);
    expect(count(30)).toBeGreaterThan(0);
    expect(tags.length).toBeLessThan(60);
  });

  it('gives no tag that is larger than the picture', () => {
    expect(placeTags({ width: 40, height: 100 }, [{ outline: [0, 0, 40, 100], forms: [form(50, 16)] }])).toEqual([
      undefined,
    ]);
  });

  it('keeps every tag in the picture, and those of small boxes apart', () => {
    const random = seededRandom(5);
    for (let round = 0; round < 50; round++) {
      const items = Array.from({ length: 40 }, () => {
        const [x, y] = [random() * 190, random() * 90];
        return { outline: [x, y, x + 10, y + 10] as const, forms: [form(40, 14), form(25, 10)] };
      });
      const tags = placeTags(picture, items).flatMap((tag) => tag ?? []);
      for (const [i, tag] of tags.entries()) {
        expect(tag.x >= 0 && tag.y >= 0 && tag.x + tag.width <= 200 && tag.y + tag.height <= 100).toBe(true);
        expect(tags.slice(i + 1).some((other) => overlap(tag, other))).toBe(false);
      }
    }
  });
});
