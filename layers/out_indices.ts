import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { Feature, Pyramid } from '../registry/feature.js';

/** OpenMMLab's `out_indices` of a backbone with four stages: which of them it gives out, counted from 0. */
export const outIndicesSchema = z.array(z.int().min(0).max(3)).min(1).readonly().default([0, 1, 2, 3]);

/**
 * The features that `out_indices` names, finest first.
 * @param where the backbone's type, for messages.
 * @param features one for each stage.
 * @throws {LowformerError} `invalid-config` where an index names no stage.
 */
export function pickFeatures(where: string, features: readonly Feature[], indices: readonly number[]): Pyramid {
  const [finest, ...coarser] = features.filter((_, index) => indices.includes(index));
  if (finest !== undefined && indices.every((index) => index in features)) return [finest, ...coarser];
  const expected = `indices of stages, 0 to ${features.length - 1}`;
  throw new LowformerError({ code: 'invalid-config', where: `${where}.out_indices`, expected, received: indices });
}
