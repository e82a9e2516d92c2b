/**
 * Adam (Kingma and Ba, arXiv 1412.6980) and AdamW, whose weight decay goes past the moments (Loshchilov and Hutter,
 * arXiv 1711.05101), as torch.optim computes them.
 */
import { z } from 'zod';
import { adamImplementationKeys, learningRate, weightDecay } from './torch_keys.js';
import { defineOptimiser, type UpdateRule } from './update_rule.js';

const share = z.number().min(0).lt(1);

const schema = z.strictObject({
  lr: learningRate.default(1e-3),
  betas: z.tuple([share, share]).default([0.9, 0.999]),
  eps: z.number().min(0).default(1e-8),
  weight_decay: weightDecay.optional(),
  amsgrad: z.boolean().default(false),
  maximize: z.boolean().default(false),
  ...adamImplementationKeys,
});
type AdamConfig = z.output<typeof schema>;

/** `weight_decay` is added to the gradient, times the parameter; 0 where absent. */
export const adam = defineOptimiser({ type: 'Adam', schema, create: (config) => rule(config, 'gradient', 0) });

/** `weight_decay` shrinks the parameter itself, by it times the learning rate; 0.01 where absent, as in torch. */
export const adamW = defineOptimiser({ type: 'AdamW', schema, create: (config) => rule(config, 'parameter', 0.01) });

function rule(config: AdamConfig, decays: 'gradient' | 'parameter', otherwise: number): UpdateRule {
  const { lr, betas, amsgrad, maximize, weight_decay: weightDecay = otherwise } = config;
  const [beta1, beta2] = betas;
  // What torch hands to its kernels as float32.
  const fixed = {
    sign: maximize ? -1 : 1,
    decay: Math.fround(decays === 'gradient' ? weightDecay : 0),
    newFirst: Math.fround(1 - beta1),
    keptSecond: Math.fround(beta2),
    newSecond: Math.fround(1 - beta2),
    eps: Math.fround(config.eps),
  };
  return {
    lr,
    slots: ['exp_avg', 'exp_avg_sq', ...(amsgrad ? ['max_exp_avg_sq'] : [])],
    update(values, gradient, [average, square, largest], step, rate) {
      if (average === undefined || square === undefined)
        throw new TypeError(`Adam keeps two moments of each parameter`);
      const factors = {
        ...fixed,
        shrink: Math.fround(decays === 'parameter' ? 1 - rate * weightDecay : 1),
        size: Math.fround(-(rate / (1 - beta1 ** step))),
        correction: 1 / Math.sqrt(1 - beta2 ** step),
      };
      if (largest === undefined) adamStep(values, gradient, average, square, factors);
      else amsgradStep(values, gradient, average, square, largest, factors);
    },
  };
}

/** The numbers of one step. */
interface Factors {
  readonly shrink: number;
  readonly sign: number;
  readonly decay: number;
  readonly newFirst: number;
  readonly keptSecond: number;
  readonly newSecond: number;
  readonly size: number;
  readonly correction: number;
  readonly eps: number;
}

/*
 * Loops that take no branch and have their numbers as locals: with either a step takes twice the time. They compute in
 * float64 from what they load to what they store: rounding each operation to float32 takes longer than computing it, and
 * comes no nearer to the truth.
 */

function adamStep(
  values: Float32Array,
  gradient: Float32Array,
  average: Float32Array,
  square: Float32Array,
  { shrink, sign, decay, newFirst, keptSecond, newSecond, size, correction, eps }: Factors,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) * shrink;
    const slope = sign * (gradient[i] ?? 0) + decay * value;
    const before = average[i] ?? 0;
    const first = before + newFirst * (slope - before);
    const second = (square[i] ?? 0) * keptSecond + newSecond * slope * slope;
    average[i] = first;
    square[i] = second;
    values[i] = value + (size * first) / (Math.sqrt(second) * correction + eps);
  }
}

/** By the largest mean of squares so far (Reddi et al., arXiv 1904.09237). */
function amsgradStep(
  values: Float32Array,
  gradient: Float32Array,
  average: Float32Array,
  square: Float32Array,
  largest: Float32Array,
  { shrink, sign, decay, newFirst, keptSecond, newSecond, size, correction, eps }: Factors,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) * shrink;
    const slope = sign * (gradient[i] ?? 0) + decay * value;
    const before = average[i] ?? 0;
    const first = before + newFirst * (slope - before);
    const second = (square[i] ?? 0) * keptSecond + newSecond * slope * slope;
    const spread = Math.max(largest[i] ?? 0, second);
    average[i] = first;
    square[i] = second;
    largest[i] = spread;
    values[i] = value + (size * first) / (Math.sqrt(spread) * correction + eps);
  }
}
