/** Which validation was the best so far: mmengine's `save_best`. */
import { z } from 'zod';
import { LowformerError } from '../../core/errors.js';
import { type SavedState, savedValues } from '../saved_state.js';
import { isBetter, type MetricNames, type MetricRule, metricRule, worst } from './metric_rule.js';

export interface BestScorePlan {
  /** `auto` is the first metric of the first validation. */
  readonly metric: string;
  readonly rule?: MetricRule | undefined;
  readonly names?: MetricNames | undefined;
}

export interface Score {
  readonly metric: string;
  readonly value: number;
}

export interface BestScore {
  /** The best so far; undefined before there was one. */
  readonly best: Score | undefined;
  /**
   * Whether a validation's metrics are better than all before. A value that is no number is not.
   * @throws {LowformerError} `invalid-config` for a metric that validation does not give, or without a rule.
   */
  update(metrics: Readonly<Record<string, number>>): boolean;
  state(): SavedState;
  restore(state: SavedState): void;
}

const stateSchema = z.strictObject({ best: z.strictObject({ metric: z.string(), value: z.number() }).nullable() });

/** @param where the config says which metric counts, for messages. */
export function createBestScore(plan: BestScorePlan, where = 'default_hooks.checkpoint.save_best'): BestScore {
  let best: Score | undefined;
  return {
    get best() {
      return best;
    },
    update(metrics) {
      const metric = plan.metric === 'auto' ? (best?.metric ?? Object.keys(metrics)[0]) : plan.metric;
      const value = metric === undefined ? undefined : metrics[metric];
      if (metric === undefined || value === undefined) throw absentMetric(where, metrics, plan.metric);
      const rule = plan.rule ?? metricRule(metric, where, plan.names);
      if (!isBetter(rule, value, best?.value ?? worst(rule))) return false;
      best = { metric, value };
      return true;
    },
    state: () => ({ tensors: {}, values: { best: best ?? null } satisfies z.input<typeof stateSchema> }),
    restore({ values }) {
      best = savedValues(stateSchema, values, where).best ?? undefined;
    },
  };
}

/** A metric that the config names, and validation does not give. */
export function absentMetric(
  where: string,
  metrics: Readonly<Record<string, number>>,
  received: string,
): LowformerError {
  const names = Object.keys(metrics);
  const expected = `a metric that validation gives (${names.length === 0 ? 'it gives none' : names.join(', ')})`;
  return new LowformerError({ code: 'invalid-config', where, expected, received });
}
