/** Quality focal loss (Li et al., "Generalized Focal Loss", arXiv 2006.04388, section 3.1), as mmdet 3's. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { arithmetic } from './arithmetic.js';
import { labelsOf, oneHotOf } from './class_target.js';
import { defineLoss } from './loss.js';
import { reduced, reductionKeys } from './reduction.js';

const schema = z.strictObject({
  use_sigmoid: z.literal(true).default(true),
  beta: z.number().min(0).default(2).describe('how little what is nearly right counts'),
  activated: z.literal(false).default(false),
  ...reductionKeys,
});

export const qualityFocalLoss = defineLoss({
  type: 'QualityFocalLoss',
  schema,
  create: (config) => ({
    type: 'QualityFocalLoss',
    name: 'loss_qfl',
    uses: ['detection'],

    /** |q - σ|^β times the cross entropy with the quality q: that of the box in its class's channel, else 0. */
    build(g, inputs) {
      const { subtract, multiply, softplus, sigmoid, abs, power } = arithmetic(g);
      const { labels, classes } = labelsOf('QualityFocalLoss', inputs);
      const quality = inputs.target.kind === 'classes' ? inputs.target.quality : undefined;
      if (quality === undefined) {
        const expected = 'a head that measures the quality of its boxes';
        throw new LowformerError({ code: 'invalid-config', where: 'QualityFocalLoss', expected });
      }
      const spread = g.emit('repeatChannels', [quality], { times: classes });
      const truth = multiply(oneHotOf(g, labels, classes), spread);
      const crossEntropy = subtract(softplus(inputs.prediction), multiply(truth, inputs.prediction));
      const off = power(abs(subtract(truth, sigmoid(inputs.prediction))), config.beta);
      const perBox = g.emit('sumChannelGroups', [multiply(crossEntropy, off)], { size: classes });
      return reduced(g, perBox, inputs, config);
    },
  }),
});
