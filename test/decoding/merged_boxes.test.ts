/** Boxes of several looks as one list: held to mmdet 3.3's `DetTTAModel`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mergeBoxes, mergeSchema } from '../../decoding/merged_boxes.js';
import { mirroredBack } from '../../tasks/picture_results.js';

const numbers = z.array(z.number());
const decoded = z.object({ boxes: numbers, scores: numbers, labels: numbers });
const cases = z
  .array(
    z.object({
      size: z.tuple([z.number(), z.number()]),
      tta_cfg: z.unknown(),
      /** As each look sees them: mirrored where the picture was. */
      looks: z.array(decoded.extend({ flip: z.enum(['horizontal', 'vertical', 'diagonal']).nullable() })),
      merged: decoded,
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('../fixtures/boxes/merged_looks.json', import.meta.url), 'utf8')));

const typed = ({ boxes, scores, labels }: z.output<typeof decoded>) => ({
  boxes: Float32Array.from(boxes),
  scores: Float32Array.from(scores),
  labels: Int32Array.from(labels),
});

describe("mmdet's DetTTAModel", () => {
  test.each(cases.map((entry) => ({ ...entry, title: JSON.stringify(entry.tta_cfg) })))(
    '$title',
    ({ size: [width, height], tta_cfg, looks, merged }) => {
      const original = { width, height };
      const back = looks.map(({ flip, ...look }) => {
        const frame = { original, resized: original, padded: original, scaleX: 1, scaleY: 1, left: 0, top: 0 };
        return mirroredBack(typed(look), flip === null ? frame : { ...frame, flip });
      });
      expect(mergeBoxes(back, mergeSchema.parse(tta_cfg))).toEqual(typed(merged));
    },
  );
});

test('looks that found nothing', () => {
  const none = typed({ boxes: [], scores: [], labels: [] });
  expect(mergeBoxes([none, none], mergeSchema.parse({}))).toEqual(none);
  const one = typed({ boxes: [1, 2, 3, 4], scores: [0.5], labels: [2] });
  expect(mergeBoxes([none, one], mergeSchema.parse({}))).toEqual(one);
});

test('equal boxes of two looks are one, with the better score', () => {
  const look = (score: number) => typed({ boxes: [1, 2, 30, 40], scores: [score], labels: [2] });
  expect(mergeBoxes([look(0.25), look(0.75)], mergeSchema.parse({}))).toEqual(look(0.75));
});
