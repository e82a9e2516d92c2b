import type { z } from 'zod';
import type { Notes } from '../../core/notes.js';
import type { Report } from '../report.js';
import type { Metric, MetricDefinition } from './define.js';

/** What was counted, as it is told. */
export interface MetricReport extends Report {
  /** What a person should know of the predictions; usually nothing. */
  readonly warnings: readonly string[];
}

/** A metric made for a dataset. */
export interface OpenedMetric<Picture> extends Pick<Metric<Picture, unknown, unknown>, 'add' | 'counts' | 'merge'> {
  /** Of the pictures so far. */
  report(): Promise<MetricReport>;
}

type AnyDefinition<Truth, Picture> = MetricDefinition<string, z.ZodType, Truth, Picture, unknown, unknown>;

/** @param options checked ones: see `metricOptions`. @throws {LowformerError} as the metric's `create`. */
export async function openMetric<Truth, Picture>(
  definition: AnyDefinition<Truth, Picture>,
  truth: Truth,
  options: unknown,
  notes: Notes,
): Promise<OpenedMetric<Picture>> {
  const metric = await definition.create(truth, options, notes);
  return {
    add: (picture) => metric.add(picture),
    counts: () => metric.counts(),
    merge: (counts) => metric.merge(counts),
    report: () => metricReport(definition, metric.result(), truth, options),
  };
}

/** What a metric's figures are told as. */
export async function metricReport<Truth, Picture>(
  definition: AnyDefinition<Truth, Picture>,
  result: unknown,
  truth: Truth,
  options: unknown,
): Promise<MetricReport> {
  const report = await definition.report(result, truth, options);
  return { ...report, warnings: definition.warnings?.(result) ?? [] };
}
