/** From a loss of each element to one number, as mmdet's and mmseg's `weight_reduce_loss` go about it. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from './arithmetic.js';
import type { LossInputs } from './loss.js';

/** Keys that every loss has. */
export const reductionKeys = {
  reduction: z.enum(['mean', 'sum', 'none']).default('mean').describe("'none' trains by the mean as well"),
  loss_weight: z.number().default(1),
};

export interface ReductionConfig {
  readonly reduction: 'mean' | 'sum' | 'none';
  readonly loss_weight: number;
}

/** float32's, which keeps a batch without any object from dividing by zero. */
const EPSILON = 2 ** -23;

/**
 * The weighted sum of a loss's elements, or its mean over them or over an averaging factor, times `loss_weight`.
 * @param loss [N, C, H, W], C a multiple of the weight's channels.
 * @param averageFactor in the place of the one in `inputs`: a loss's own.
 * @returns [1, 1, 1, 1].
 * @throws {LowformerError} `invalid-config` for a sum that is to be averaged.
 */
export function reduced(
  g: GraphBuilder,
  loss: Value,
  { weight, averageFactor: given }: Pick<LossInputs, 'weight' | 'averageFactor'>,
  { reduction, loss_weight }: ReductionConfig,
  averageFactor = given,
): Value {
  const { multiply, divide, shift, scale, sum } = arithmetic(g);
  if (averageFactor !== undefined && reduction === 'sum') {
    const expected = "'mean', for this head averages over its objects";
    throw new LowformerError({ code: 'invalid-config', where: 'reduction', expected, received: reduction });
  }
  const total = sum(weight === undefined ? loss : multiply(byWeight(g, loss, weight), weight));
  if (reduction === 'sum') return scale(total, loss_weight);
  const divisor =
    averageFactor === undefined || reduction === 'none'
      ? g.emit('countElements', [loss], {})
      : shift(averageFactor, EPSILON);
  return scale(divide(total, divisor), loss_weight);
}

/** The sums of the elements that share a weight. */
function byWeight(g: GraphBuilder, loss: Value, { channels }: Value): Value {
  return loss.channels === channels ? loss : g.emit('sumChannelGroups', [loss], { size: loss.channels / channels });
}
