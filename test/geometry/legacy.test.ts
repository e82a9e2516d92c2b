/** mmdet 1's anchors and coder, against what mmdet 3.3 computes for its networks. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLegacyAnchorGenerator, legacyAnchorGeneratorSchema } from '../../geometry/legacy_anchors.js';
import { createLegacyDeltaXywhCoder, legacyDeltaXywhCoderSchema } from '../../geometry/legacy_delta_xywh_coder.js';

const floats = z.array(z.number()).transform((values) => Float32Array.from(values));
const { anchors, coders, priors, boxes, deltas, limits } = z
  .object({
    anchors: z.array(z.object({ config: z.unknown(), levels: z.array(floats) })),
    priors: floats,
    boxes: floats,
    deltas: floats,
    limits: z.object({ width: z.number(), height: z.number() }),
    coders: z.array(z.object({ config: z.unknown(), encoded: floats, decoded: floats, unclipped: floats })),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/boxes/legacy.json', import.meta.url), 'utf8')));

describe("mmdet's LegacyAnchorGenerator, to the bit", () => {
  it.each(anchors)('$config', ({ config, levels }) => {
    const generator = createLegacyAnchorGenerator(legacyAnchorGeneratorSchema.parse(config));
    expect(generator.levels.map(({ baseAnchors }) => baseAnchors)).toEqual(levels);
    expect(generator.priorsPerPosition * 4).toBe(levels[0]?.length);
  });

  it('a box of eight pixels ends at the seventh', () => {
    const config = legacyAnchorGeneratorSchema.parse({ strides: [8], ratios: [1], scales: [1], center_offset: 0.5 });
    expect([...(createLegacyAnchorGenerator(config).levels[0]?.baseAnchors ?? [])]).toEqual([0, 0, 7, 7]);
  });
});

describe("mmdet's LegacyDeltaXYWHBBoxCoder", () => {
  /** Exponential and logarithm may differ from PyTorch's by a step of float32. */
  const hold = (actual: Float32Array, expected: Float32Array) => {
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      const reference = expected[i] ?? Number.NaN;
      expect(Math.abs(value - reference)).toBeLessThanOrEqual(2 * 2 ** -23 * Math.max(1, Math.abs(reference), 300));
    });
  };
  it.each(coders)('$config', ({ config, encoded, decoded, unclipped }) => {
    const coder = createLegacyDeltaXywhCoder(legacyDeltaXywhCoderSchema.parse(config));
    hold(coder.encode(priors, boxes), encoded);
    hold(coder.decode(priors, deltas, { limits }), decoded);
    hold(coder.decode(priors, deltas), unclipped);
  });

  it('has no keys of the present coder that mmdet 1 had not', () => {
    expect(legacyDeltaXywhCoderSchema.safeParse({ clip_border: false }).success).toBe(false);
  });
});
