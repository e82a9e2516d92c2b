import { expect, it } from 'vitest';
import { type OverlayBox, overlaySvg } from '../../../analysis/page/picture_overlay.js';
import { splitMix } from '../../../core/random.js';

const random = splitMix(5);
const boxes = Array.from({ length: 60 }, (_, i): OverlayBox => {
  const [x, y] = [random() * 700 - 50, random() * 500 - 50];
  return {
    box: [x, y, 20 + random() * 200, 20 + random() * 200],
    colour: '#ffb000',
    dashed: i % 2 === 0,
    labels: i % 5 === 0 ? [] : [`Cls a name <that> is long ${i} (other)`, `Cls ${i}`],
    title: `box ${i}`,
  };
});

function rectangles(svg: string, filled: boolean) {
  const found = svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="([^"]*)"/g);
  return [...found]
    .filter(([, , , , , fill]) => (fill === 'none') !== filled)
    .map(([, ...numbers]) => numbers.slice(0, 4).map(Number))
    .map(([x = 0, y = 0, width = 0, height = 0]) => ({ x, y, right: x + width, bottom: y + height }));
}

it.each([
  ['wide', { width: 640, height: 480 }],
  ['high', { width: 300, height: 900 }],
  ['tiny', { width: 40, height: 30 }],
])('labels of a crowded %s picture lie inside it and do not cover one another', (_, size) => {
  const svg = overlaySvg(size, undefined, boxes, 'a picture');
  const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
  expect(Math.max(width, height)).toBe(720);
  const [outlines, tags] = [rectangles(svg, false), rectangles(svg, true)];
  expect(outlines).toHaveLength(60);
  expect(tags.length).toBeGreaterThan(5);
  for (const { x, y, right, bottom } of [...outlines, ...tags]) {
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(width + 0.2);
    expect(bottom).toBeLessThanOrEqual(height + 0.2);
  }
  tags.forEach((tag, i) => {
    for (const other of tags.slice(i + 1)) {
      const besides = tag.right <= other.x + 0.1 || other.right <= tag.x + 0.1;
      const above = tag.bottom <= other.y + 0.1 || other.bottom <= tag.y + 0.1;
      expect(besides || above).toBe(true);
    }
  });
  expect(svg).not.toContain('<that>');
});
