import { relative } from 'node:path';
import { z } from 'zod';
import type { Classification } from '../core/results.js';
import { mapClassFolders } from '../data/class_check.js';
import type { ClassificationDataset } from '../data/dataset.js';
import type { AnyMetric } from '../scoring/metrics/index.js';
import { openMetric } from '../scoring/metrics/opened_metric.js';
import type { Evaluation } from './evaluation.js';
import { classificationFingerprint } from './fingerprint.js';
import { runEvaluation } from './run_evaluation.js';

/** The best classes, as many as the metric looks at. */
const recordSchema = z.array(z.int().min(0));
/** How many journals have kept without saying so. */
const USUAL_RANKS = 5;

/**
 * A classifier's figures over class folders, top-1 and top-5 accuracy or another metric's.
 * @param options the metric's, checked.
 * @throws {LowformerError} for folders that are not its classes, and whatever running and writing throw.
 */
export async function evaluateClassification(
  evaluation: Evaluation,
  dataset: ClassificationDataset,
  { metric, options }: { readonly metric: Extract<AnyMetric, { task: 'classification' }>; readonly options: unknown },
): Promise<void> {
  const { classes, numClasses, notes } = evaluation;
  const { ranks } = metric;
  evaluation.tell();
  const indices = mapClassFolders(dataset, classes);
  const { samples } = dataset;
  const ids = samples.map(({ file }) => relative(dataset.name, file).replaceAll('\\', '/'));
  const truth = { name: dataset.name, classes: classes.classes, numClasses };
  const total = await openMetric(metric, truth, options, notes);
  await runEvaluation<Classification, z.output<typeof recordSchema>>(evaluation, {
    identity: { dataset: classificationFingerprint(dataset, ids), ...(ranks === USUAL_RANKS ? {} : { ranks }) },
    files: samples.map(({ file }) => file),
    ids,
    schema: recordSchema,
    record: (_, { ranking }) => ranking.slice(0, ranks).map(({ classIndex }) => Number(classIndex)),
    count(picture, ranking) {
      const target = indices[samples[picture]?.classIndex ?? -1] ?? -1;
      total.add({ name: ids[picture] ?? '', target, ranking });
    },
    figures: () => total.report(),
  });
}
