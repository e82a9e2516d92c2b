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
  const decay = Math.fround(decays === 'gradient' ? weightDecay : 0);
  const eps = Math.fround(config.eps);
  // torch's lerp counts from the nearer end.
  const newFirst = Math.fround(1 - beta1);
  const fromGradient = Math.abs(newFirst) >= 0.5;
  const firstWeight = fromGradient ? Math.fround(newFirst - 1) : newFirst;
  const keptSecond = Math.fround(beta2);
  const newSecond = Math.fround(1 - beta2);
  return {
    lr,
    slots: ['exp_avg', 'exp_avg_sq', ...(amsgrad ? ['max_exp_avg_sq'] : [])],
    update(values, gradient, [average, square, largest], step, rate) {
      if (average === undefined || square === undefined)
        throw new TypeError(`Adam keeps two moments of each parameter`);
      const sign = maximize ? -1 : 1;
      const shrink = Math.fround(decays === 'parameter' ? 1 - rate * weightDecay : 1);
      const size = Math.fround(-(rate / (1 - beta1 ** step)));
      const correction = Math.fround(Math.sqrt(1 - beta2 ** step));
      for (let i = 0; i < values.length; i++) {
        const value = Math.fround((values[i] ?? 0) * shrink);
        const slope = Math.fround(sign * (gradient[i] ?? 0) + decay * value);
        const before = average[i] ?? 0;
        const first = Math.fround((fromGradient ? slope : before) + firstWeight * Math.fround(slope - before));
        const added = Math.fround(newSecond * slope) * slope;
        const second = Math.fround(Math.fround((square[i] ?? 0) * keptSecond) + added);
        average[i] = first;
        square[i] = second;
        let spread = second;
        if (largest !== undefined) {
          spread = Math.max(largest[i] ?? 0, second);
          largest[i] = spread;
        }
        const root = Math.fround(Math.fround(Math.fround(Math.sqrt(spread)) / correction) + eps);
        values[i] = value + Math.fround(Math.fround(size * first) / root);
      }
    },
  };
}
