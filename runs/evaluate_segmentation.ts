import { join } from 'node:path';
import type { SegmentationMap } from '../core/results.js';
import { checkLabelClasses } from '../data/class_check.js';
import type { SegmentationDataset } from '../data/dataset.js';
import { type LabelMap, readSampleLabels } from '../data/label_map.js';
import { checkPicturesExist } from '../data/picture_folder.js';
import { writeLabelMap } from '../drawing/label_map.js';
import { checkFolder } from '../files/output_folder.js';
import { isUsual } from '../scoring/metrics/choose.js';
import type { AnyMetric } from '../scoring/metrics/index.js';
import { openMetric } from '../scoring/metrics/opened_metric.js';
import type { Evaluation } from './evaluation.js';
import { fingerprint, segmentationFingerprint } from './fingerprint.js';
import { runEvaluation } from './run_evaluation.js';
import { shardPositions } from './shards.js';

/**
 * A segmenter's figures over a dataset, mIoU and its kin or another metric's: the journal keeps the metric's counts of
 * each picture. Label maps go into the folder `predictions` where it is given; of a shard they are all that there is.
 * @param options the metric's, checked.
 * @throws {LowformerError} for classes that are not the config's, pictures that are missing, labels of another size, and
 *   whatever running and writing throw.
 */
export async function evaluateSegmentation(
  evaluation: Evaluation,
  dataset: SegmentationDataset,
  { metric, options }: { readonly metric: Extract<AnyMetric, { task: 'segmentation' }>; readonly options: unknown },
): Promise<void> {
  const { classes, numClasses, batchSize, shard, predictions, log, notes } = evaluation;
  checkLabelClasses(dataset, classes);
  const { name, reduceZeroLabel, ignoreIndex } = dataset;
  const truth = { name, classes: classes.classes, numClasses, reduceZeroLabel, ignoreIndex };
  const opened = () => openMetric(metric, truth, options, notes);
  const total = await opened();
  if (predictions !== undefined) await checkFolder(predictions);
  const positions = shardPositions(dataset.samples.length, batchSize, shard ?? { shard: 1, of: 1 });
  const samples = positions.flatMap((position) => dataset.samples[position] ?? []);
  await checkPicturesExist({ name, samples });
  evaluation.tell();
  const kept = `${ignoreIndex} ${reduceZeroLabel} ${predictions !== undefined}`;
  const counted = isUsual(metric) ? {} : { metric: fingerprint([metric.type, options]) };
  const truths = new Map<number, Promise<LabelMap>>();
  await runEvaluation<SegmentationMap, unknown>(evaluation, {
    identity: { labels: kept, dataset: segmentationFingerprint(dataset), ...counted },
    files: samples.map(({ file }) => file),
    ids: samples.map(({ id }) => id),
    schema: metric.counts,
    begin(picture) {
      const sample = samples[picture];
      if (sample === undefined) return;
      const reading = readSampleLabels(dataset, sample);
      // It may fail before the network is done with the picture; its error is told then.
      reading.catch(() => {});
      truths.set(picture, reading);
    },
    async record(picture, map) {
      const sample = samples[picture];
      const reading = truths.get(picture);
      truths.delete(picture);
      if (sample === undefined || reading === undefined) throw new RangeError(`no labels of picture ${picture}`);
      const one = await opened();
      one.add({ name: sample.labelFile, truth: await reading, prediction: map });
      if (predictions !== undefined) {
        const look = { classCount: numClasses, palette: classes.palette };
        await writeLabelMap(join(predictions, `${sample.id}.png`), map, look);
      }
      return one.counts();
    },
    count: (_, record) => total.merge(record),
    async keepPredictions() {
      if (predictions !== undefined) log.say(`label maps are in ${predictions}`);
    },
    figures: () => total.report(),
  });
}
