/** `--metric`, and the options that metrics bring. */
import { type Command, Option } from 'commander';
import { choosableMetrics, isUsual, metricFlags } from '../scoring/metrics/choose.js';
import type { AnyMetric } from '../scoring/metrics/index.js';
import { flagOption } from './flag_option.js';

/** Names the metrics of tasks that have several, and of each task the one that is meant where none is named. */
export function metricOption(): Option {
  const metrics = choosableMetrics();
  const usual = metrics.filter(isUsual).map(({ task, type }) => `of ${task}: ${type} by default`);
  return new Option('--metric <name>', usual.join('; ')).choices(metrics.map(({ type }) => type));
}

export function withMetricOptions(command: Command, metrics: readonly AnyMetric[]): Command {
  return metricFlags(metrics).reduce((all, flag) => all.addOption(flagOption(flag)), command);
}
