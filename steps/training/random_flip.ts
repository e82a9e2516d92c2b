import { z } from 'zod';
import type { FlipDirection, LabelMap } from '../../core/frame.js';
import { flipSample } from '../../images/flip_sample.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { share } from './keys.js';

const direction = z.enum(['horizontal', 'vertical', 'diagonal']);
const label = z.int().min(0).max(0xffff);

const schema = z
  .strictObject({
    prob: z.union([share, z.array(share).min(1)]).describe('shared out among the directions; or one number for each'),
    direction: z.union([direction, z.array(direction).min(1)]).default('horizontal'),
    swap_seg_labels: z
      .array(z.tuple([label, label]))
      .nullish()
      .describe('labels of left and right, which change places with the sides'),
  })
  .refine(({ prob, direction: to }) => !Array.isArray(prob) || (Array.isArray(to) && to.length === prob.length), {
    error: 'expected as many directions as prob has numbers',
    path: ['direction'],
  })
  .refine(({ prob }) => !Array.isArray(prob) || prob.reduce((sum, one) => sum + one, 0) <= 1 + 1e-9, {
    error: 'expected numbers that add up to 1 at most',
    path: ['prob'],
  });

/** mmcv's `RandomFlip`. */
export const randomFlipInTraining = defineTrainingStep({
  type: 'RandomFlip',
  schema,

  /** The direction, if any. */
  draw(random, _, { prob, direction: to }): FlipDirection | undefined {
    const directions = typeof to === 'string' ? [to] : to;
    const shares = Array.isArray(prob) ? prob : directions.map(() => prob / directions.length);
    let left = random.real();
    return directions.find((_, i) => {
      left -= shares[i] ?? 0;
      return left < 0;
    });
  },

  apply(sample, choice, { swap_seg_labels: pairs }) {
    if (choice === undefined) return sample;
    const flipped = flipSample(sample, choice, 'RandomFlip');
    const { labelMap } = flipped.annotations;
    if (labelMap === undefined || pairs == null) return flipped;
    return { ...flipped, annotations: { ...flipped.annotations, labelMap: swapped(labelMap, pairs) } };
  },
});

function swapped(map: LabelMap, pairs: readonly (readonly [number, number])[]): LabelMap {
  const others = new Map(pairs.flatMap(([left, right]) => [[left, right] as const, [right, left] as const]));
  return { ...map, labels: map.labels.map((label) => others.get(label) ?? label) };
}
