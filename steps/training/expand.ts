import { z } from 'zod';
import { shiftBoxes } from '../../images/boxes.js';
import { putOn } from '../../images/expand.js';
import { IGNORED_LABEL } from '../../images/pad_sample.js';
import { defineTrainingStep } from '../../registry/define_training_step.js';
import { positiveRange, share } from './keys.js';

/** Size of the whole, and where the picture lies in it; undefined where it stays as it is. */
type Place = { width: number; height: number; left: number; top: number } | undefined;

/** mmdet's `Expand` (SSD, arXiv 1512.02325, section 3.6): the picture on a larger ground. */
export const expand = defineTrainingStep({
  type: 'Expand',
  schema: z.strictObject({
    mean: z.tuple([z.number(), z.number(), z.number()]).default([0, 0, 0]).describe('of the ground'),
    to_rgb: z.boolean().default(true).describe('mean is then in the order RGB'),
    ratio_range: positiveRange.default([1, 4]),
    seg_ignore_label: z.int().min(0).max(0xffff).nullish(),
    prob: share.default(0.5),
  }),
  draw(random, { pixels: { width, height } }, { prob, ratio_range }): Place {
    if (random.real() > prob) return undefined;
    const ratio = random.uniform(...ratio_range);
    return {
      width: Math.trunc(width * ratio),
      height: Math.trunc(height * ratio),
      left: Math.trunc(random.uniform(0, width * ratio - width)),
      top: Math.trunc(random.uniform(0, height * ratio - height)),
    };
  },
  apply(sample, place, { mean, to_rgb, seg_ignore_label }) {
    if (place === undefined) return sample;
    const { objects } = sample.annotations;
    const [a, b, c] = mean;
    const expanded = putOn(sample, place, {
      value: to_rgb ? [c, b, a] : [a, b, c],
      label: seg_ignore_label ?? IGNORED_LABEL,
    });
    if (objects === undefined) return expanded;
    const boxes = shiftBoxes(objects.boxes, place.left, place.top);
    return { ...expanded, annotations: { ...expanded.annotations, objects: { ...objects, boxes } } };
  },
});
