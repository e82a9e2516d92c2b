import type { Notes } from '../../core/notes.js';
import type { DetectionAnnotations } from '../../data/dataset.js';
import { type PlacedResults, resultsByPicture } from '../results_by_picture.js';
import type { AnyMetric } from './index.js';
import { type MetricReport, metricReport, openMetric } from './opened_metric.js';

/** The figures of results files: at once where the metric can, else picture by picture. @throws {LowformerError} as it. */
export async function scoreResults(
  metric: Extract<AnyMetric, { readonly task: 'detection' }>,
  annotations: DetectionAnnotations,
  placed: readonly PlacedResults[],
  options: unknown,
  notes: Notes,
): Promise<MetricReport> {
  if (metric.scoreResults !== undefined) {
    return metricReport(metric, await metric.scoreResults(annotations, placed, options, notes), annotations, options);
  }
  const total = await openMetric(metric, annotations, options, notes);
  const detectionsOf = resultsByPicture(annotations, placed);
  annotations.samples.forEach((truth, position) => {
    total.add({ position, truth, detections: detectionsOf(position) });
  });
  return total.report();
}
