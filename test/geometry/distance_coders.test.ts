import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BOX_CODERS, boxCoderSchema } from '../../decoding/box_coders.js';
import { PRIOR_GENERATORS, priorGeneratorSchema } from '../../decoding/prior_generators.js';
import { createDistancePointCoder, distancePointCoderSchema } from '../../geometry/distance_point_coder.js';
import { createTblrCoder, tblrCoderSchema } from '../../geometry/tblr_coder.js';
import { createPart } from '../../registry/part_schema.js';
import { randomBoxes, seededRandom } from '../random.js';
import { readSafetensors } from '../read_safetensors.js';

const pair = z.tuple([z.number(), z.number()]);
const fixture = (extension: string) => new URL(`../fixtures/boxes/distance_coders.${extension}`, import.meta.url);
const cases = z
  .object({
    limits: pair,
    coders: z.array(boxCoderSchema),
    points: z.object({ generators: z.array(priorGeneratorSchema), sizes: z.array(pair) }),
  })
  .parse(JSON.parse(readFileSync(fixture('json'), 'utf8')));
const reference = readSafetensors(fixture('safetensors'));
const values = (name: string) => reference.float32(name).data;

describe("mmdet's TBLRBBoxCoder and DistancePointBBoxCoder, to the bit", () => {
  const [height, width] = cases.limits;
  it.each(cases.coders.map((config, i) => ({ i, config })))('$config', ({ i, config }) => {
    const coder = createPart(BOX_CODERS, config);
    const [priors, deltas] = coder.priors === 'box' ? ['priors', 'deltas'] : ['points', 'distances'];
    expect(coder.encode(values(priors), values('boxes'))).toEqual(values(`encoded${i}`));
    expect(coder.decode(values(priors), values(deltas), { limits: { width, height } })).toEqual(values(`decoded${i}`));
  });
});

describe("mmdet's MlvlPointGenerator, to the bit", () => {
  it.each(cases.points.generators.map((config, i) => ({ i, config })))('$config', ({ i, config }) => {
    const generator = createPart(PRIOR_GENERATORS, config);
    expect(generator.kind).toBe('point');
    cases.points.sizes.forEach(([rows, columns], level) => {
      const points = new Float32Array(rows * columns * 2);
      for (let at = 0; at < rows * columns; at++) {
        generator.write(points, at * 2, level, at % columns, Math.floor(at / columns), 0);
      }
      expect(points).toEqual(values(`points${i}.${level}`));
    });
  });
});

describe('properties', () => {
  const random = seededRandom(9);
  const priors = randomBoxes(random, 200, 300);
  const boxes = randomBoxes(random, 200, 300);

  it.each([4, 0.25, [1, 2, 0.5, 3]])('decode(encode(x)) is x, normalizer %j', (normalizer) => {
    const coder = createTblrCoder(tblrCoderSchema.parse({ normalizer }));
    const decoded = coder.decode(priors, coder.encode(priors, boxes));
    decoded.forEach((value, i) => {
      expect(Math.abs(value - (boxes[i] ?? 0))).toBeLessThan(2e-3);
    });
  });

  it('distances from a point inside a box are its four sides', () => {
    const coder = createDistancePointCoder(distancePointCoderSchema.parse({}));
    const distances = new Float32Array([10, 5, 20, 7]);
    const box = coder.decode(new Float32Array([30, 40]), distances);
    expect([...box]).toEqual([20, 35, 50, 47]);
    expect(coder.encode(new Float32Array([30, 40]), box)).toEqual(distances);
  });

  it('clips only when both the coder and the call say so', () => {
    const deltas = new Float32Array([100, 100, 100, 100]);
    const limits = { width: 50, height: 60 };
    const point = new Float32Array([30, 40]);
    const open = createDistancePointCoder(distancePointCoderSchema.parse({ clip_border: false }));
    const closed = createDistancePointCoder(distancePointCoderSchema.parse({}));
    expect([...closed.decode(point, deltas, { limits })]).toEqual([0, 0, 50, 60]);
    expect([...closed.decode(point, deltas)]).toEqual([-70, -60, 130, 140]);
    expect([...open.decode(point, deltas, { limits })]).toEqual([-70, -60, 130, 140]);
  });

  it('refuses lengths that differ', () => {
    const coder = createDistancePointCoder(distancePointCoderSchema.parse({}));
    expect(() => coder.decode(new Float32Array(4), new Float32Array(4))).toThrow(
      'distance coder: decode: expected four numbers for each of 2 priors but received 4',
    );
    const tblr = createTblrCoder(tblrCoderSchema.parse({}));
    expect(() => tblr.encode(new Float32Array(8), new Float32Array(12))).toThrow(
      'TBLR coder: encode: expected four numbers for each of 2 priors but received 12',
    );
  });
});
