/** A model's figures on a dataset, whatever its task. */
import type { TaskKind } from '../registry/define_task.js';
import { openClassificationDataset, openSegmentationDataset, type SegmentationOptions } from '../scoring/datasets.js';
import { metricOptions, namedMetric } from '../scoring/metrics/choose.js';
import { type DetectionPlaces, openDetectionDataset } from '../scoring/open_detection.js';
import { evaluateClassification } from './evaluate_classification.js';
import { evaluateDetection } from './evaluate_detection.js';
import { evaluateSegmentation } from './evaluate_segmentation.js';
import type { Evaluation } from './evaluation.js';

/** What is scored, and by what. */
export interface EvaluatedData {
  /** Where the dataset is, of which format, and how it is read. */
  readonly source: Omit<DetectionPlaces, 'missingArea' | 'notes'> &
    Omit<SegmentationOptions, 'classes'> & { readonly images: string };
  /** See `METRICS`; by default the first of the task. */
  readonly metric: string | undefined;
  /** The metric's options, among others; not yet checked. */
  readonly metricOptions: object;
}

type Evaluate = (evaluation: Evaluation, data: EvaluatedData) => Promise<void>;

const BY_TASK = {
  async detection(evaluation, { source, ...data }) {
    const metric = namedMetric(data.metric, 'detection');
    const options = metricOptions(metric, data.metricOptions);
    const { missingArea = 'error' } = metric;
    const { notes, classes } = evaluation;
    const dataset = await openDetectionDataset({ ...source, missingArea, notes }, classes.classes);
    await evaluateDetection(evaluation, dataset, { metric, options, chosen: source.classes !== undefined });
  },
  async segmentation(evaluation, { source, ...data }) {
    const metric = namedMetric(data.metric, 'segmentation');
    const options = metricOptions(metric, data.metricOptions);
    const { notes, classes } = evaluation;
    const dataset = await openSegmentationDataset(source, { ...source, classes: classes.classes }, notes);
    await evaluateSegmentation(evaluation, dataset, { metric, options });
  },
  async classification(evaluation, { source, ...data }) {
    const metric = namedMetric(data.metric, 'classification');
    const options = metricOptions(metric, data.metricOptions);
    const dataset = await openClassificationDataset(source, evaluation.notes);
    await evaluateClassification(evaluation, dataset, { metric, options });
  },
} satisfies Record<TaskKind, Evaluate>;

/**
 * Opens the dataset, runs the model over it and hands out the figures.
 * @throws {LowformerError} for another task's format or metric, wrong options, and as the readers and the task's run.
 */
export function evaluate(evaluation: Evaluation, data: EvaluatedData): Promise<void> {
  return BY_TASK[evaluation.opened.model.task](evaluation, data);
}
