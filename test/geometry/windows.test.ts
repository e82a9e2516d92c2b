import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { overlappingWindows } from '../../geometry/windows.js';

const number = z.number();
const box = z.tuple([number, number, number, number]);
const layouts = z
  .array(z.tuple([number, number, number, number, number, z.array(z.union([box, number]))]))
  .parse(JSON.parse(readFileSync(new URL('../fixtures/slices/layout.json', import.meta.url), 'utf8')));

describe("SAHI's get_slice_bboxes", () => {
  it.each(layouts)(
    'a picture of %ix%i in windows of %ix%i, overlap %f',
    (width, height, across, down, overlap, expected) => {
      const { size, lefts, tops } = overlappingWindows({ width, height }, { width: across, height: down }, overlap);
      const all = tops.flatMap((top) => lefts.map((left) => [left, top, left + size.width, top + size.height]));
      // Of many windows the reference keeps the first, the middle one, the last, and their number.
      const many = typeof expected.at(-1) === 'number';
      expect(many ? [all[0], all[all.length >> 1], all.at(-1), all.length] : all).toEqual(expected);
    },
  );
});
