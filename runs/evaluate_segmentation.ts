import { join } from 'node:path';
import { z } from 'zod';
import type { SegmentationMap } from '../core/results.js';
import { checkLabelClasses } from '../data/class_check.js';
import type { SegmentationDataset } from '../data/dataset.js';
import { type LabelMap, readSampleLabels } from '../data/label_map.js';
import { checkPicturesExist } from '../data/picture_folder.js';
import { writeLabelMap } from '../drawing/label_map.js';
import { createSegmentationMetrics, type SegmentationCounts } from '../evaluation/segmentation_metrics.js';
import { checkFolder } from '../files/output_folder.js';
import { loadOpened } from '../models/loaded_model.js';
import { noteDoubts } from '../scoring/label_notes.js';
import { labelReport } from '../scoring/label_score.js';
import type { Evaluation } from './evaluation.js';
import { segmentationFingerprint } from './fingerprint.js';
import { openJournal } from './journal.js';
import { scorePictures } from './picture_scoring.js';
import { shardPositions, shardReport } from './shards.js';

/** One picture's counts; of the confusion matrix the cells that are not 0, as [cell, pixels]. */
const recordSchema = z.object({
  ignored: z.int().min(0),
  confusion: z.array(z.tuple([z.int().min(0), z.int().min(1)])),
});

/**
 * mIoU and its kin of a segmenter over a dataset. Label maps go into the folder `predictions` where it is given; of a
 * shard they are all that there is.
 * @throws {LowformerError} for classes that are not the config's, pictures that are missing, labels of another size, and
 *   whatever running and writing throw.
 */
export async function evaluateSegmentation(evaluation: Evaluation, dataset: SegmentationDataset): Promise<void> {
  const { classes, numClasses, batchSize, shard, predictions, log } = evaluation;
  checkLabelClasses(dataset, classes);
  const { reduceZeroLabel, ignoreIndex } = dataset;
  const settings = { numClasses, reduceZeroLabel, ignoreIndex };
  const total = createSegmentationMetrics(settings);
  if (predictions !== undefined) await checkFolder(predictions);
  const positions = shardPositions(dataset.samples.length, batchSize, shard ?? { shard: 1, of: 1 });
  const samples = positions.flatMap((position) => dataset.samples[position] ?? []);
  await checkPicturesExist({ name: dataset.name, samples });
  evaluation.tell();
  const ids = samples.map(({ id }) => id);
  const kept = `${ignoreIndex} ${reduceZeroLabel} ${predictions !== undefined}`;
  const identity = { ...evaluation.run, labels: kept, dataset: segmentationFingerprint(dataset), ...(shard ?? {}) };
  await using journal = await openJournal(evaluation.journal, { ...evaluation, identity, ids });

  const truths = new Map<number, Promise<LabelMap>>();
  await scorePictures<SegmentationMap, z.output<typeof recordSchema>>(
    () => loadOpened(evaluation.opened, evaluation.load),
    {
      files: samples.map(({ file }) => file),
      ids,
      schema: recordSchema,
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
        const metrics = createSegmentationMetrics(settings);
        metrics.add(sample.labelFile, await reading, map);
        if (predictions !== undefined)
          await writeLabelMap(join(predictions, `${sample.id}.png`), map, {
            classCount: numClasses,
            palette: classes.palette,
          });
        const { confusion, ignoredPixels } = metrics.counts();
        const cells = confusion.flatMap((pixels, cell) =>
          pixels === 0 ? [] : [[cell, pixels] satisfies [number, number]],
        );
        return { ignored: ignoredPixels, confusion: cells };
      },
      count(_, record) {
        total.merge(countsOf(record, settings));
      },
    },
    { ...evaluation, journal },
  );

  if (predictions !== undefined) log.say(`label maps are in ${predictions}`);
  if (shard !== undefined) await evaluation.write(shardReport(shard, ids.length, {}));
  else {
    noteDoubts(dataset.name, total.counts(), evaluation.notes);
    evaluation.tellNew();
    await evaluation.write(labelReport(total.result(), classes.classes));
  }
  await journal.finish();
}

function countsOf(
  { ignored, confusion: cells }: z.output<typeof recordSchema>,
  settings: Omit<SegmentationCounts, 'pictures' | 'ignoredPixels' | 'confusion'>,
): SegmentationCounts {
  const confusion = Array.from({ length: settings.numClasses ** 2 }, () => 0);
  for (const [cell, pixels] of cells) confusion[cell] = pixels;
  return { ...settings, pictures: 1, ignoredPixels: ignored, confusion };
}
