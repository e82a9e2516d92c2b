import { expect, test } from 'vitest';
import { heldLabelMaps } from '../../tools/held_label_maps.js';

const rows = (picture: string, start: number, labels: Uint8Array | Uint16Array) => ({
  picture,
  size: { width: 4, height: 3 },
  rows: { start, end: start + labels.length / 4 },
  labels,
});

test('rows of several pictures become their maps', () => {
  const held = heldLabelMaps('coco');
  held.onLabels(rows('a.png', 0, Uint8Array.of(1, 2, 3, 4)));
  held.onLabels(rows('b.png', 0, new Uint16Array(12).fill(300)));
  held.onLabels(rows('a.png', 1, Uint8Array.of(5, 6, 7, 8, 9, 10, 11, 12)));
  expect(held.take('a.png')).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  expect(held.take('b.png')).toEqual(new Uint16Array(12).fill(300));
  expect(held.take('a.png')).toBeUndefined();
});

test('a map that is too large is refused with its first rows', () => {
  expect(() => heldLabelMaps('coco', 11).onLabels(rows('a.png', 0, new Uint8Array(4)))).toThrow(
    "a.png: --format coco: expected a picture of at most 0 megapixels, whose label map is held whole, but received '4x3'",
  );
});
