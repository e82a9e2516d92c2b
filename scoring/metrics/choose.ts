/** Which metric a run is scored by, and with which options. */
import { LowformerError } from '../../core/errors.js';
import type { TaskKind } from '../../registry/define_task.js';
import { parsePart } from '../../registry/parse_module.js';
import { type CommandFlag, valuesOf } from '../command_flag.js';
import { type AnyMetric, METRICS } from './index.js';

type MetricOf<Task extends TaskKind> = Extract<AnyMetric, { readonly task: Task }>;

/** In the order of the table. */
export function allMetrics(): readonly AnyMetric[] {
  return METRICS.names().map((name) => METRICS.get(name, '--metric'));
}

export function metricsOf<Task extends TaskKind>(task: Task): readonly MetricOf<Task>[] {
  return allMetrics().filter((metric): metric is MetricOf<Task> => metric.task === task);
}

/** The metrics among which one can choose: a task that has one alone leaves no choice. */
export function choosableMetrics(): readonly AnyMetric[] {
  return allMetrics().filter(({ task }) => metricsOf(task).length > 1);
}

/** Whether it is the one that is meant where none is named. */
export function isUsual({ type, task }: AnyMetric): boolean {
  return metricsOf(task)[0]?.type === type;
}

/**
 * The metric of a task that `--metric` names, or its first.
 * @throws {LowformerError} `invalid-argument` for another task's; `invalid-config` for a name that is none.
 */
export function namedMetric<Task extends TaskKind>(name: string | undefined, task: Task): MetricOf<Task> {
  const known = metricsOf(task);
  const found = name === undefined ? known[0] : known.find(({ type }) => type === name);
  if (found !== undefined) return found;
  const expected = name === undefined ? `a metric of ${task}` : `a config for ${METRICS.get(name, '--metric').task}`;
  throw new LowformerError({ code: 'invalid-argument', where: '--metric', expected, received: task });
}

/** Of all options given, the metric's own, checked. @throws {LowformerError} `invalid-config` for a wrong value. */
export function metricOptions({ type, schema, flags = [] }: AnyMetric, given: object): unknown {
  return parsePart(schema, valuesOf(flags, given), { path: `--metric ${type}` });
}

/** The options of all of these metrics, each once. */
export function metricFlags(metrics: readonly AnyMetric[]): readonly CommandFlag[] {
  const all = metrics.flatMap(({ flags = [] }) => flags);
  return [...new Map(all.map((flag) => [flag.flags, flag])).values()];
}
