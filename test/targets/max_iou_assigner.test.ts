import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { anchorGeneratorSchema, createAnchorGenerator, gridAnchors } from '../../geometry/anchors.js';
import { createPart } from '../../registry/part_schema.js';
import { ASSIGNERS, assignerSchema } from '../../targets/index.js';

const boxes = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()]));
const fileSchema = z.object({
  cases: z.array(
    z.object({
      assigner: assignerSchema,
      gt: boxes,
      ignore: boxes.nullable(),
      not_background: z.array(z.tuple([z.int(), z.int()])),
      assigned_sum: z.int(),
      positives: z.int(),
      ignored: z.int(),
    }),
  ),
});

const { cases } = fileSchema.parse(
  JSON.parse(
    gunzipSync(readFileSync(new URL('../fixtures/reference/training/assign.json.gz', import.meta.url))).toString(),
  ),
);

const generator = createAnchorGenerator(
  anchorGeneratorSchema.parse({
    octave_base_scale: 4,
    scales_per_octave: 3,
    ratios: [0.5, 1, 2],
    strides: [8, 16, 32],
  }),
);
const levels = generator.levels.map((level, i) => gridAnchors(level, { width: 20 >> i, height: 20 >> i }));
const anchors = Float32Array.from(levels.flatMap((level) => Array.from(level)));

describe('as mmdet assigns', () => {
  test('twenty-four cases', () => {
    expect(cases).toHaveLength(24);
    expect(anchors.length / 4).toBe(4725);
  });

  test.each(cases)('$gt.length objects: $positives priors, $ignored neither', (given) => {
    const assigner = createPart(ASSIGNERS, given.assigner);
    const assigned = assigner.assign(
      anchors,
      levels.map(({ length }) => length / 4),
      { boxes: Float32Array.from(given.gt.flat()), ignored: Float32Array.from((given.ignore ?? []).flat()) },
    );
    const expected = new Int32Array(assigned.length);
    for (const [prior, object] of given.not_background) expected[prior] = object;
    expect(assigned).toEqual(expected);
    expect(assigned.reduce((sum, object, prior) => sum + object * (prior + 1), 0)).toBe(given.assigned_sum);
    expect(assigned.filter((object) => object > 0)).toHaveLength(given.positives);
    expect(assigned.filter((object) => object < 0)).toHaveLength(given.ignored);
  });
});
