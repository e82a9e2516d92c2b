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
        const sign = config.maximize ? -1 : 1;
        // The first gradient goes in whole, whatever the dampening.
        const share = Math.fround(step === 1 ? 1 : 1 - config.dampening);
        const rate = Math.fround(-lr);
        for (let i = 0; i < values.length; i++) {
          const value = values[i] ?? 0;
          let change = Math.fround(sign * (gradient[i] ?? 0) + decay * value);
          if (buffer !== undefined) {
            const kept = Math.fround(Math.fround((buffer[i] ?? 0) * momentum) + share * change);
            buffer[i] = kept;
            change = config.nesterov ? Math.fround(change + momentum * kept) : kept;
          }
          values[i] = value + rate * change;
        }
      },
    };
  },
});
