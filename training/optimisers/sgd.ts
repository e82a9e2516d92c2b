/** Stochastic gradient descent with momentum (Sutskever et al., ICML 2013), as torch.optim.SGD computes it. */
import { z } from 'zod';
import { implementationKeys, learningRate, weightDecay } from './torch_keys.js';
import { defineOptimiser } from './update_rule.js';

const schema = z
  .strictObject({
    lr: learningRate,
    momentum: z.number().min(0).default(0),
    dampening: z.number().default(0).describe('share of a gradient that momentum leaves out, from the second step on'),
    weight_decay: weightDecay.optional().describe('added to the gradient, times the parameter; 0 where absent'),
    nesterov: z.boolean().default(false),
    maximize: z.boolean().default(false),
    ...implementationKeys,
  })
  .refine(({ nesterov, momentum, dampening }) => !nesterov || (momentum > 0 && dampening === 0), {
    error: 'expected no nesterov, or a momentum above 0 without dampening',
    path: ['nesterov'],
  });

export const sgd = defineOptimiser({
  type: 'SGD',
  schema,

  create(config) {
    const momentum = Math.fround(config.momentum);
    const decay = Math.fround(config.weight_decay ?? 0);
    return {
      lr: config.lr,
      slots: config.momentum === 0 ? [] : ['momentum_buffer'],
      update(values, gradient, [buffer], step, lr) {
        // The first gradient goes in whole, whatever the dampening.
        const share = Math.fround(step === 1 ? 1 : 1 - config.dampening);
        const factors = { sign: config.maximize ? -1 : 1, decay, rate: Math.fround(-lr), momentum, share };
        if (buffer === undefined) plainStep(values, gradient, factors);
        else if (config.nesterov) nesterovStep(values, gradient, buffer, factors);
        else momentumStep(values, gradient, buffer, factors);
      },
    };
  },
});

/** The numbers of one step. */
interface Factors {
  readonly sign: number;
  readonly decay: number;
  readonly rate: number;
  readonly momentum: number;
  readonly share: number;
}

/* Loops without a branch, with their numbers as locals, in float64 from what they load to what they store: as Adam's. */

function plainStep(values: Float32Array, gradient: Float32Array, { sign, decay, rate }: Factors): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    values[i] = value + rate * (sign * (gradient[i] ?? 0) + decay * value);
  }
}

function momentumStep(
  values: Float32Array,
  gradient: Float32Array,
  buffer: Float32Array,
  { sign, decay, rate, momentum, share }: Factors,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const slope = sign * (gradient[i] ?? 0) + decay * value;
    const kept = (buffer[i] ?? 0) * momentum + share * slope;
    buffer[i] = kept;
    values[i] = value + rate * kept;
  }
}

function nesterovStep(
  values: Float32Array,
  gradient: Float32Array,
  buffer: Float32Array,
  { sign, decay, rate, momentum, share }: Factors,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    const slope = sign * (gradient[i] ?? 0) + decay * value;
    const kept = (buffer[i] ?? 0) * momentum + share * slope;
    buffer[i] = kept;
    values[i] = value + rate * (slope + momentum * kept);
  }
}
