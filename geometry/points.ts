/**
 * The points of a feature pyramid (Tian et al., FCOS, arXiv 1904.01355, section 3.1): one a position. Follows mmdet 3's
 * `MlvlPointGenerator` in float32.
 */
import { z } from 'zod';
import { MOST_ITEMS, strideCount } from '../core/bounded_numbers.js';
import { type PriorGenerator, stridePair } from './priors.js';

const f32 = Math.fround;

/** mmdet's keys. */
export const pointGeneratorSchema = z.strictObject({
  strides: z
    .array(z.union([strideCount, z.tuple([strideCount, strideCount])]))
    .min(1)
    .max(MOST_ITEMS)
    .describe('input pixels per feature position, one a level; [horizontal, vertical] where they differ'),
  offset: z.number().min(0).max(1).default(0.5).describe('where in its position a point lies, in strides'),
});

/** A checked configuration of a point generator. */
export type PointGeneratorConfig = z.output<typeof pointGeneratorSchema>;

/** The points of every level. */
export function createPointGenerator({ strides, offset }: PointGeneratorConfig): PriorGenerator {
  const pairs = strides.map(stridePair);
  const [across, down] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
  const shift = f32(offset);
  return {
    kind: 'point',
    strides: pairs,
    priorsPerPosition: 1,
    write(out, at, level, column, row) {
      out[at] = f32(column + shift) * (across[level] ?? 0);
      out[at + 1] = f32(row + shift) * (down[level] ?? 0);
    },
  };
}
