/** mmengine's EarlyStoppingHook: training ends when a metric gets no better. */
import { z } from 'zod';
import { type SavedState, savedValues } from '../saved_state.js';
import { absentMetric } from './best_score.js';
import { inOurUnit, isBetter, metricRule, worst } from './metric_rule.js';

export const earlyStoppingSchema = z.strictObject({
  monitor: z.string(),
  rule: z.enum(['greater', 'less']).nullish(),
  min_delta: z
    .number()
    .min(0)
    .default(0.1)
    .describe('what a value has to be better by; in percent for the metrics that mmseg gives in percent'),
  strict: z.boolean().default(false).describe('a validation without the metric is an error'),
  check_finite: z.boolean().default(true).describe('a value that is no finite number ends training'),
  patience: z.int().positive().default(5).describe('validations without a better value'),
  stopping_threshold: z.number().nullish().describe('a value better than it ends training'),
  priority: z.union([z.string(), z.int()]).optional(),
});
export type EarlyStoppingConfig = z.output<typeof earlyStoppingSchema>;

export interface EarlyStopping {
  /**
   * After each validation: why training ends, a sentence; undefined while it goes on.
   * @throws {LowformerError} `invalid-config` for a metric that validation does not give, where `strict` asks for that.
   */
  update(metrics: Readonly<Record<string, number>>): string | undefined;
  state(): SavedState;
  restore(state: SavedState): void;
}

/** JSON has no infinity: null where there is no best yet. */
const stateSchema = z.strictObject({ best: z.number().nullable(), waited: z.int().min(0) });

/**
 * @param where the config has it, for messages.
 * @throws {LowformerError} `invalid-config` for a metric whose name does not tell what is better, without a `rule`.
 */
export function createEarlyStopping(config: EarlyStoppingConfig, where: string): EarlyStopping {
  const { monitor, check_finite: checks, patience } = config;
  const rule = config.rule ?? metricRule(monitor, `${where}.monitor`);
  const threshold = config.stopping_threshold == null ? undefined : inOurUnit(monitor, config.stopping_threshold);
  const delta = inOurUnit(monitor, rule === 'greater' ? config.min_delta : -config.min_delta);
  let best = worst(rule);
  let waited = 0;
  return {
    update(metrics) {
      const value = metrics[monitor];
      if (value === undefined) {
        if (config.strict) throw absentMetric(`${where}.monitor`, metrics, monitor);
        return undefined;
      }
      if (checks && !Number.isFinite(value)) return `${monitor} is ${value}.`;
      if (threshold !== undefined && isBetter(rule, value, threshold)) {
        best = value;
        return `${monitor} is ${value}, ${rule} than ${threshold}.`;
      }
      if (!isBetter(rule, best + delta, value)) {
        best = value;
        waited = 0;
        return undefined;
      }
      waited++;
      if (waited < patience) return undefined;
      return `${monitor} was no better than ${best} in the last ${waited} validations.`;
    },
    state: () => ({
      tensors: {},
      values: { best: Number.isFinite(best) ? best : null, waited } satisfies z.input<typeof stateSchema>,
    }),
    restore({ values }) {
      const given = savedValues(stateSchema, values, where);
      best = given.best ?? worst(rule);
      waited = given.waited;
    },
  };
}
