/** Dice loss (Milletari et al., "V-Net", arXiv 1606.04797, section 3), as mmseg 1's DiceLoss. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { arithmetic } from './arithmetic.js';
import { labelsOf, oneHotOf } from './class_target.js';
import { defineLoss } from './loss.js';
import { reduced, reductionKeys } from './reduction.js';

const schema = z.strictObject({
  use_sigmoid: z.boolean().default(true).describe('a sigmoid a class, in the place of softmax over all'),
  activate: z.boolean().default(true).describe('whether predictions are scores before sigmoid or softmax'),
  naive_dice: z.boolean().default(false).describe('sums of the probabilities below, in the place of their squares'),
  eps: z.number().positive().default(1e-3),
  ignore_index: z.int().nullable().default(255).describe("where the head's does not say"),
  loss_name: z.string().default('loss_dice').describe('what it is logged as'),
  ...reductionKeys,
});

export const diceLoss = defineLoss({
  type: 'DiceLoss',
  schema,
  create: (config) => ({
    type: 'DiceLoss',
    name: config.loss_name,
    uses: ['segmentation'],

    /** 1 - 2 Σpt / (Σp² + Σt²) of each picture, over all of its classes together. */
    build(g, inputs) {
      const { multiply, divide, add, shift, scale, affine, sigmoid, exp } = arithmetic(g);
      const { labels, classes } = labelsOf('DiceLoss', inputs);
      const ignored = inputs.ignoreIndex ?? config.ignore_index ?? -1;
      if (ignored >= 0 && ignored < classes) {
        const expected = `an ignore_index beyond the ${classes} classes`;
        throw new LowformerError({ code: 'invalid-config', where: 'DiceLoss', expected, received: ignored });
      }
      const scores = inputs.prediction;
      const softmax = () => (classes === 1 ? scores : exp(g.emit('logSoftmax', [scores], { groups: 1 })));
      const share = config.use_sigmoid ? sigmoid : softmax;
      const predicted = config.activate ? share(scores) : scores;
      // Labels beyond the classes are of none; mmseg takes those below 0 for the first.
      const truth = oneHotOf(g, g.emit('clip', [labels], { min: 0 }), classes);
      const sumOf = (x: typeof truth) => g.emit('sumOfPictures', [x], {});
      const both = scale(sumOf(multiply(predicted, truth)), 2);
      const size = (x: typeof truth) => sumOf(config.naive_dice ? x : multiply(x, x));
      const sizes = shift(add(size(predicted), size(truth)), config.naive_dice ? config.eps : 2 * config.eps);
      const overlap = divide(config.naive_dice ? shift(both, config.eps) : both, sizes);
      return reduced(g, affine(overlap, -1, 1), inputs, config);
    },
  }),
});
