/** Schedules that multiply the learning rate at certain times, as mmengine computes them. */
import { z } from 'zod';
import { defineSchedule, spanKeys } from './schedule.js';

const gamma = z.number().min(0);

/** Times `factor` from the beginning on, and undone at the last step. */
export const constantLr = defineSchedule(
  'ConstantLR',
  z.strictObject({
    factor: z
      .number()
      .min(0)
      .max(1)
      .default(1 / 3),
    ...spanKeys,
  }),
  ({ config: { factor }, span }) => ({
    next({ current }, step) {
      if (step === 0) return current * factor;
      return step === span.end - span.begin - 1 ? current * (1 / factor) : current;
    },
  }),
);

/** Times `gamma` every `step_size`. */
export const stepLr = defineSchedule(
  'StepLR',
  z.strictObject({ step_size: z.int().positive(), gamma: gamma.default(0.1), ...spanKeys }),
  ({ config, factor }) => ({
    next: ({ current }, step) =>
      step === 0 || step % (config.step_size * factor) !== 0 ? current : current * config.gamma,
  }),
);

/** Times `gamma` at each of the milestones, counted from `begin`; twice at one that is named twice. */
export const multiStepLr = defineSchedule(
  'MultiStepLR',
  z.strictObject({ milestones: z.array(z.number().min(0)), gamma: gamma.default(0.1), ...spanKeys }),
  ({ config, factor }) => ({
    next({ current }, step) {
      const times = config.milestones.filter((milestone) => milestone * factor === step).length;
      return times === 0 ? current : current * config.gamma ** times;
    },
  }),
);

/** Times `gamma` at every step but the first. */
export const exponentialLr = defineSchedule('ExponentialLR', z.strictObject({ gamma, ...spanKeys }), ({ config }) => ({
  next: ({ current }, step) => (step === 0 ? current : current * config.gamma),
}));
