/** Losses of how little two boxes overlap, as mmdet 3's IoULoss and GIoULoss. */
import { z } from 'zod';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { arithmetic } from './arithmetic.js';
import { valuesOf } from './class_target.js';
import { defineLoss, type Loss, type LossInputs } from './loss.js';
import { type ReductionConfig, reduced, reductionKeys } from './reduction.js';

/** The sides of two boxes along one axis: [N, G, H, W] of G boxes each. */
interface Sides {
  readonly own: Value;
  readonly other: Value;
  /** Of what both cover. */
  readonly shared: Value;
  /** Of the smallest box around both. */
  readonly around: Value;
}

function sidesOf(g: GraphBuilder, a: Value, b: Value, axis: 0 | 1): Sides {
  const { subtract, minimum, maximum, atLeast, channel } = arithmetic(g);
  const [from, to] = [channel(a, 4, axis), channel(a, 4, axis + 2)];
  const [otherFrom, otherTo] = [channel(b, 4, axis), channel(b, 4, axis + 2)];
  return {
    own: subtract(to, from),
    other: subtract(otherTo, otherFrom),
    shared: atLeast(subtract(minimum(to, otherTo), maximum(from, otherFrom)), 0),
    around: atLeast(subtract(maximum(to, otherTo), minimum(from, otherFrom)), 0),
  };
}

/**
 * How far boxes overlap: [N, G * 4, H, W] of x1, y1, x2, y2 each.
 * @param epsilon no area below a fraction is taken smaller.
 * @returns [N, G, H, W] each: intersection over union, the union's area, and that of the smallest box around both.
 */
export function overlapOf(g: GraphBuilder, a: Value, b: Value, epsilon: number) {
  const { add, subtract, multiply, divide, atLeast } = arithmetic(g);
  const [x, y] = [sidesOf(g, a, b, 0), sidesOf(g, a, b, 1)];
  const shared = multiply(x.shared, y.shared);
  const areas = add(multiply(x.own, y.own), multiply(x.other, y.other));
  const union = atLeast(subtract(areas, shared), epsilon);
  return { iou: divide(shared, union), union, around: () => atLeast(multiply(x.around, y.around), epsilon) };
}

/** A loss that is a function of two boxes, whose corners are given. */
function ofBoxes(
  type: string,
  config: ReductionConfig,
  lossOf: (g: GraphBuilder, predicted: Value, truth: Value) => Value,
): Loss {
  return {
    type,
    name: 'loss_bbox',
    uses: ['detection'],
    build: (g, inputs: LossInputs) => reduced(g, lossOf(g, inputs.prediction, valuesOf(type, inputs)), inputs, config),
  };
}

/** Yu et al., "UnitBox", arXiv 1608.01471, section 3.1. */
export const iouLoss = defineLoss({
  type: 'IoULoss',
  schema: z.strictObject({
    linear: z.boolean().default(false).describe("mmdet's old name of mode 'linear'"),
    mode: z.enum(['linear', 'square', 'log']).default('log'),
    eps: z.number().positive().default(1e-6).describe('the smallest overlap that counts as one'),
    ...reductionKeys,
  }),
  create: (config) =>
    ofBoxes('IoULoss', config, (g, predicted, truth) => {
      const { affine, scale, log, multiply, atLeast } = arithmetic(g);
      const iou = atLeast(overlapOf(g, predicted, truth, 1e-6).iou, config.eps);
      const mode = config.linear ? 'linear' : config.mode;
      if (mode === 'log') return scale(log(iou), -1);
      return affine(mode === 'square' ? multiply(iou, iou) : iou, -1, 1);
    }),
});

/** Rezatofighi et al., arXiv 1902.09630, algorithm 1. */
export const giouLoss = defineLoss({
  type: 'GIoULoss',
  schema: z.strictObject({ eps: z.number().positive().default(1e-6), ...reductionKeys }),
  create: (config) =>
    ofBoxes('GIoULoss', config, (g, predicted, truth) => {
      const { subtract, divide, affine } = arithmetic(g);
      const overlap = overlapOf(g, predicted, truth, config.eps);
      const around = overlap.around();
      const empty = divide(subtract(around, overlap.union), around);
      return affine(subtract(overlap.iou, empty), -1, 1);
    }),
});
