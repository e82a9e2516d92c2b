import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { anchorGeneratorSchema, createAnchorGenerator, gridAnchors } from '../../geometry/anchors.js';
import { createPart } from '../../registry/part_schema.js';
import { ASSIGNERS, assignerSchema } from '../../targets/index.js';

const boxes = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()]));
const cases = z
  .array(
    z.object({
      anchors: z.record(z.string(), z.unknown()),
      assigner: assignerSchema,
      gt: boxes,
      ignore: boxes,
      not_background: z.array(z.tuple([z.int(), z.int()])),
    }),
  )
  .parse(
    JSON.parse(
      gunzipSync(readFileSync(new URL('../fixtures/reference/training/atss.json.gz', import.meta.url))).toString(),
    ),
  );

test.each(cases.map((given, i) => ({ i, ...given })))('case $i, as mmdet assigns', (given) => {
  const generator = createAnchorGenerator(anchorGeneratorSchema.parse({ ...given.anchors, strides: [8, 16, 32] }));
  const levels = generator.levels.map((level, i) => gridAnchors(level, { width: 20 >> i, height: 20 >> i }));
  const anchors = Float32Array.from(levels.flatMap((level) => Array.from(level)));
  const assigned = createPart(ASSIGNERS, given.assigner).assign(
    anchors,
    levels.map(({ length }) => length / 4),
    { boxes: Float32Array.from(given.gt.flat()), ignored: Float32Array.from(given.ignore.flat()) },
  );
  const found = [...assigned.entries()].filter(([, object]) => object !== 0);
  expect(found).toEqual(given.not_background);
});

test('there are thirty-six', () => expect(cases).toHaveLength(36));
