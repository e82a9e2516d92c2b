/** Config keys and draws that several training steps have. */
import { z } from 'zod';
import type { RandomDraws } from '../../core/xoshiro.js';

/** Smallest and largest. */
export const range = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, { error: 'expected the smaller number first' });

/** Smallest and largest, both above 0. */
export const positiveRange = z
  .tuple([z.number().positive(), z.number().positive()])
  .refine(([low, high]) => low <= high, { error: 'expected the smaller number first' });

export const share = z.number().min(0).max(1);

/** `bbox_clip_border`, as mmdet's training steps call it. */
export const clipsBorder = z.boolean().default(true).describe('whether boxes are cut to the picture');

/** Heads or tails. */
export function coin(random: RandomDraws): boolean {
  return random.integer(0, 2) === 1;
}
