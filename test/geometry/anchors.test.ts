import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { anchorGeneratorSchema, createAnchorGenerator, gridAnchors } from '../../geometry/anchors.js';
import { readSafetensors } from '../read_safetensors.js';

const caseSchema = z.object({
  anchor_generator: z
    .looseObject({ type: z.literal('AnchorGenerator') })
    .transform(({ type: _, ...keys }) => anchorGeneratorSchema.parse(keys)),
  featmap_sizes: z.array(z.tuple([z.number(), z.number()])),
});
const fixture = (name: string) => new URL(`../fixtures/anchors/${name}`, import.meta.url);
const retina = {
  strides: [8, 16],
  ratios: [0.5, 1, 2],
  octave_base_scale: 4,
  scales_per_octave: 3,
};

describe("mmdet's anchors, to the bit", () => {
  it.each(['case0', 'case1', 'case2', 'case3'])('%s', (name) => {
    const { anchor_generator, featmap_sizes } = caseSchema.parse(
      JSON.parse(readFileSync(fixture(`${name}.json`), 'utf8')),
    );
    const reference = readSafetensors(fixture(`${name}.safetensors`));
    const generator = createAnchorGenerator(anchor_generator);
    expect(generator.levels.length).toBe(featmap_sizes.length);
    generator.levels.forEach((level, i) => {
      const [height, width] = featmap_sizes[i] ?? [0, 0];
      const expected = reference.float32(`level${i}`);
      expect(expected.shape).toEqual([height * width * generator.priorsPerPosition, 4]);
      expect(gridAnchors(level, { width, height })).toEqual(expected.data);
    });
  });
});

describe('anchors by hand', () => {
  it('centres the anchors of the first position on the corner of the picture', () => {
    const config = anchorGeneratorSchema.parse({ strides: [16], ratios: [1], scales: [1] });
    const [level] = createAnchorGenerator(config).levels;
    if (level === undefined) throw new Error('no level');
    expect([...gridAnchors(level, { width: 2, height: 2 })]).toEqual(
      [
        [-8, -8, 8, 8],
        [8, -8, 24, 8],
        [-8, 8, 8, 24],
        [8, 8, 24, 24],
      ].flat(),
    );
  });

  it('moves them by centers', () => {
    const config = anchorGeneratorSchema.parse({
      ...{ strides: [[16, 8]], ratios: [4], scales: [1], centers: [[8, 4]] },
    });
    const [level] = createAnchorGenerator(config).levels;
    if (level === undefined) throw new Error('no level');
    expect([...gridAnchors(level, { width: 1, height: 2 })]).toEqual([6, -4, 10, 12, 6, 4, 10, 20]);
  });

  it('counts nine for RetinaNet', () => {
    expect(createAnchorGenerator(anchorGeneratorSchema.parse(retina)).priorsPerPosition).toBe(9);
  });
});

describe('the schema refuses', () => {
  it.each([
    ['an unknown key', { ...retina, ratio: [1] }, 'ratio'],
    ['scales beside octaves', { ...retina, scales: [8] }, 'either scales, or octave_base_scale'],
    ['no scales at all', { type: 'AnchorGenerator', strides: [8], ratios: [1] }, 'either scales'],
    ['half an octave', { ...retina, scales_per_octave: null }, 'go together'],
    ['base sizes for another number of levels', { ...retina, base_sizes: [8] }, 'one a stride (2), not 1'],
    [
      'centers beside an offset',
      {
        ...retina,
        centers: [
          [0, 0],
          [0, 0],
        ],
        center_offset: 0.5,
      },
      'center_offset',
    ],
    ['a stride of 0', { ...retina, strides: [0] }, 'strides'],
    ['an unknown key', { ...retina, size: 3 }, 'size'],
  ])('%s', (_, config, message) => {
    const { error } = anchorGeneratorSchema.safeParse(config);
    expect(JSON.stringify(error?.issues)).toContain(message);
  });
});
