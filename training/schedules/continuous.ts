/** Schedules that change the learning rate at every step, as mmengine computes them: each value from the one before. */
import { z } from 'zod';
import type { LearningRate } from '../optim_wrapper/learning_rate.js';
import { defineSchedule, spanKeys } from './schedule.js';

const share = z.number().min(0).max(1);

/** From `start_factor` to `end_factor` in a straight line: the usual warm-up. */
export const linearLr = defineSchedule(
  'LinearLR',
  z.strictObject({
    start_factor: share
      .positive()
      .default(1 / 3)
      .describe('above 0: what follows are ratios'),
    end_factor: share.default(1),
    ...spanKeys,
  }),
  ({ config: { start_factor: start, end_factor: end }, span }) => {
    const total = span.end - span.begin - 1;
    return {
      next: ({ current }, step) =>
        step === 0 ? current * start : current * (1 + (end - start) / (total * start + (step - 1) * (end - start))),
    };
  },
);

/** Down to `eta_min`, by a power of what is left (Chen et al., arXiv 1606.00915, section 4.1). */
export const polyLr = defineSchedule(
  'PolyLR',
  z.strictObject({ eta_min: z.number().min(0).default(0), power: z.number().default(1), ...spanKeys }),
  ({ config: { eta_min: least, power }, span }) => {
    const total = span.end - span.begin - 1;
    return {
      next: ({ current }, step) =>
        step === 0 ? current : (current - least) * (1 - 1 / (total - step + 1)) ** power + least,
    };
  },
);

/** Down to `eta_min` by half a cosine (Loshchilov and Hutter, arXiv 1608.03983), and up again after `T_max`. */
export const cosineAnnealingLr = defineSchedule(
  'CosineAnnealingLR',
  z
    .strictObject({
      T_max: z.number().positive().nullish().describe('from begin to end where absent'),
      eta_min: z.number().min(0).nullish(),
      eta_min_ratio: share.nullish().describe('eta_min as a share of the rate that a group starts from'),
      ...spanKeys,
    })
    .refine(({ eta_min, eta_min_ratio }) => eta_min == null || eta_min_ratio == null, {
      error: 'expected eta_min or eta_min_ratio, not both',
      path: ['eta_min_ratio'],
    }),
  ({ config, span, factor }) => {
    const half = config.T_max == null ? span.end - span.begin : config.T_max * factor;
    const { eta_min: fixed, eta_min_ratio: ratio } = config;
    const leastOf = ({ initial }: Readonly<LearningRate>) => (ratio == null ? (fixed ?? 0) : initial * ratio);
    return {
      next(rate, step) {
        if (step === 0) return rate.current;
        const least = leastOf(rate);
        if ((step - 1 - half) % (2 * half) === 0) {
          return rate.current + ((rate.initial - least) * (1 - Math.cos(Math.PI / half))) / 2;
        }
        const turned = (1 + Math.cos((Math.PI * step) / half)) / (1 + Math.cos((Math.PI * (step - 1)) / half));
        return turned * (rate.current - least) + least;
      },
    };
  },
);
