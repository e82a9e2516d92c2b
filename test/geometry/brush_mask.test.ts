/** Label Studio's brush masks against label_studio_sdk (test/fixtures/exchange/make_brush.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packBrush, unpackBrush } from '../../geometry/brush_mask.js';
import { lengthsOf, pixelsOf } from '../../geometry/row_runs.js';

const numbers = z.array(z.int());
const mask = z.object({ width: z.int(), height: z.int(), rle: numbers });
const schema = z.object({
  packed: z.array(mask.extend({ name: z.string(), lengths: numbers })),
  unpacked: mask.extend({ alpha: numbers }),
});
const file = new URL('../fixtures/exchange/brush.json', import.meta.url);
const { packed, unpacked } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));

test.each(packed)('$name: to the byte, and back', ({ width, height, lengths, rle }) => {
  expect(packBrush(lengths)).toEqual(rle);
  const alpha = unpackBrush(rle, width * height);
  const pixels = pixelsOf(lengths, width * height);
  expect(alpha).toEqual(pixels.map((one) => 255 * one));
  expect(lengthsOf(pixels)).toEqual(lengths);
});

test('what a brush has drawn with soft edges', () => {
  const { width, height, rle, alpha } = unpacked;
  expect([...unpackBrush(rle, width * height)]).toEqual(alpha);
});

describe('bytes that are no mask', () => {
  const [first] = packed;
  const rle = first?.rle ?? [];
  test.each([
    ['of another size', rle, 7, 'it is of 6 pixels'],
    ['cut off', rle.slice(0, 7), 6, 'it ends too soon'],
    ['of nothing', [], 6, 'it ends too soon'],
    ['of other values', rle.map((byte, i) => (i === 4 ? byte ^ 0x80 : byte)), 6, 'its values have'],
    ['with a run too many', [0, 0, 0, 4, 0x39, 0x1b, 0xff, 0xff, 0xff, 0xff], 1, 'a run goes beyond'],
  ])('%s', (_, bytes, pixels, message) => {
    expect(() => unpackBrush(bytes, pixels)).toThrow(message);
  });
});
