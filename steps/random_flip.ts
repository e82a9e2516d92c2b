import { z } from 'zod';
import { flipSample } from '../images/flip_sample.js';
import { defineStep } from '../registry/define_step.js';
import { ignored } from './keys.js';

const direction = z.enum(['horizontal', 'vertical', 'diagonal']);
const probability = z.union([z.literal(0), z.literal(1)], {
  error: 'expected 0 or 1: results that chance decides cannot be had again',
});

const schema = z
  .strictObject({
    prob: z.union([probability, z.array(probability).min(1)]).describe('0 for never, 1 for always'),
    direction: z.union([direction, z.array(direction).min(1)]).default('horizontal'),
    swap_seg_labels: ignored,
  })
  .refine(({ prob, direction: to }) => !Array.isArray(prob) || (Array.isArray(to) && to.length === prob.length), {
    error: 'expected as many directions as prob has numbers',
    path: ['direction'],
  })
  .refine(({ prob, direction: to }) => (Array.isArray(prob) ? sum(prob) <= 1 : prob === 0 || sides(to).length === 1), {
    error: 'expected one direction that is taken: among several chance would decide',
    path: ['direction'],
  });

/** mmcv's `RandomFlip`, where nothing is left to chance: the views of test-time augmentation. */
export const randomFlip = defineStep({
  type: 'RandomFlip',
  schema,
  flips: ({ prob }) => sum(sides(prob)) > 0,

  apply(sample, { prob, direction: to }) {
    const taken = Array.isArray(prob) ? sides(to)[prob.indexOf(1)] : prob === 1 ? sides(to)[0] : undefined;
    return taken === undefined ? sample : flipSample(sample, taken, 'RandomFlip');
  },
});

function sides<Value extends string | number>(given: Value | readonly Value[]): readonly Value[] {
  return typeof given === 'object' ? given : [given];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
