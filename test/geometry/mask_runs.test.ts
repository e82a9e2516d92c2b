/** Masks are those of pycocotools, letter for letter, and lead back to the label map. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { masksOfLabels, paintMask } from '../../geometry/mask_runs.js';
import { ROOT } from '../workspace.js';

const cases = z
  .array(
    z.object({
      name: z.string(),
      width: z.number(),
      height: z.number(),
      runs: z.array(z.tuple([z.number(), z.number()])),
      masks: z.record(z.string(), z.object({ size: z.tuple([z.number(), z.number()]), counts: z.string() })),
    }),
  )
  .parse(JSON.parse(readFileSync(`${ROOT}test/fixtures/masks/masks.json`, 'utf8')));

test.each(cases)('$name', ({ width, height, runs, masks }) => {
  const labels = Uint16Array.from(runs.flatMap(([label, length]) => Array<number>(length).fill(label)));
  const made = masksOfLabels({ width, height, labels });
  expect(Object.fromEntries(made)).toEqual(masks);
  const painted = new Uint16Array(width * height);
  for (const [label, mask] of made) paintMask(painted, mask, label);
  expect(painted.findIndex((label, at) => label !== labels[at])).toBe(-1);
});

test('a picture without pixels has no masks', () => {
  expect(masksOfLabels({ width: 0, height: 0, labels: new Uint8Array() }).size).toBe(0);
});

describe('what is no mask of this size is refused', () => {
  const { counts = '' } = masksOfLabels({ width: 2, height: 2, labels: Uint8Array.of(0, 1, 1, 0) }).get(1) ?? {};
  test.each<[string, readonly [number, number], string]>([
    ['another size', [2, 3], counts],
    ['runs that end early', [2, 2], '1'],
    ['letters that are none', [2, 2], '1 !'],
    ['a number without an end', [2, 2], `${'o'.repeat(9)}`],
    ['a run of less than nothing', [2, 2], '10N'],
  ])('%s', (_, size, given) => {
    expect(() => paintMask(new Uint8Array(4), { size, counts: given }, 1)).toThrow(RangeError);
  });
});
