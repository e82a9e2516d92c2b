/** Focal loss with a sigmoid a class (Lin et al., arXiv 1708.02002, section 3.2), as mmdet 3's FocalLoss. */
import { z } from 'zod';
import { arithmetic } from './arithmetic.js';
import { labelsOf, oneHotOf } from './class_target.js';
import { defineLoss } from './loss.js';
import { reduced, reductionKeys } from './reduction.js';

const schema = z.strictObject({
  use_sigmoid: z.literal(true).default(true),
  gamma: z.number().min(0).default(2).describe('how little what is right already counts'),
  alpha: z.number().min(0).max(1).default(0.25).describe('the share of the objects, against that of the background'),
  activated: z.literal(false).default(false),
  ...reductionKeys,
});

export const focalLoss = defineLoss({
  type: 'FocalLoss',
  schema,
  create: (config) => ({
    type: 'FocalLoss',
    name: 'loss_focal',
    // mmseg's has other defaults and other keys.
    uses: ['detection'],

    /** -α (1 - p)^γ log p of the truth's probability p, all by log-sigmoid: exact where p is next to 0 or 1. */
    build(g, inputs) {
      const { affine, multiply, scale, softplus, exp } = arithmetic(g);
      const { labels, classes } = labelsOf('FocalLoss', inputs);
      const truth = oneHotOf(g, labels, classes);
      const towardsTruth = multiply(affine(truth, 2, -1), inputs.prediction);
      const missed = softplus(scale(towardsTruth, -1));
      const focus = exp(scale(softplus(towardsTruth), -config.gamma));
      const balance = affine(truth, 2 * config.alpha - 1, 1 - config.alpha);
      return reduced(g, multiply(multiply(balance, focus), missed), inputs, config);
    },
  }),
});
