/** Losses of how far numbers are from what they should be, as mmdet 3's L1Loss, SmoothL1Loss and BalancedL1Loss. */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from './arithmetic.js';
import { valuesOf } from './class_target.js';
import { defineLoss, type Loss, type LossInputs } from './loss.js';
import { type ReductionConfig, reduced, reductionKeys } from './reduction.js';

/** A loss that is a function of the distance alone. */
function ofDistance(type: string, config: ReductionConfig, lossOf: (g: GraphBuilder, distance: Value) => Value): Loss {
  return {
    type,
    name: 'loss_bbox',
    uses: ['detection'],
    build(g, inputs: LossInputs) {
      const { abs, subtract } = arithmetic(g);
      return reduced(g, lossOf(g, abs(subtract(inputs.prediction, valuesOf(type, inputs)))), inputs, config);
    },
  };
}

export const l1Loss = defineLoss({
  type: 'L1Loss',
  schema: z.strictObject(reductionKeys),
  create: (config) => ofDistance('L1Loss', config, (_, distance) => distance),
});

/** A parabola up to `beta`, a line from there on (Girshick, "Fast R-CNN", arXiv 1504.08083, equation 3). */
export const smoothL1Loss = defineLoss({
  type: 'SmoothL1Loss',
  schema: z.strictObject({ beta: z.number().positive().default(1), ...reductionKeys }),
  create: (config) =>
    ofDistance('SmoothL1Loss', config, (g, distance) => {
      const { multiply, subtract, scale, atMost } = arithmetic(g);
      // near (distance - near / 2) is the parabola where near is the distance, and the line where it is beta.
      const near = atMost(distance, config.beta);
      return scale(multiply(near, subtract(distance, scale(near, 0.5))), 1 / config.beta);
    }),
});

/** Libra R-CNN (Pang et al., arXiv 1904.02701, section 3.3): small distances count more than a parabola lets them. */
export const balancedL1Loss = defineLoss({
  type: 'BalancedL1Loss',
  schema: z.strictObject({
    alpha: z.number().positive().default(0.5),
    gamma: z.number().positive().default(1.5),
    beta: z.number().positive().default(1),
    ...reductionKeys,
  }),
  create: (config) =>
    ofDistance('BalancedL1Loss', config, (g, distance) => {
      const { add, subtract, multiply, scale, affine, log, atMost } = arithmetic(g);
      const { alpha, gamma, beta } = config;
      const b = Math.exp(gamma / alpha) - 1;
      const near = atMost(distance, beta);
      const curve = multiply(affine(near, alpha, alpha / b), log(affine(near, b / beta, 1)));
      // Beyond beta the curve stands still, and a line of slope gamma goes on from there.
      return add(subtract(curve, scale(near, alpha)), scale(subtract(distance, near), gamma));
    }),
});
