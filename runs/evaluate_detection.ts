import { z } from 'zod';
import type { Detections } from '../core/results.js';
import { mapCategories } from '../data/class_check.js';
import type { DetectionDataset } from '../data/dataset.js';
import { checkPicturesExist } from '../data/picture_folder.js';
import type { MaxDetections } from '../evaluation/coco_parameters.js';
import { listening } from '../files/interruption.js';
import { loadOpened } from '../models/loaded_model.js';
import { cocoReport, createCocoScore } from '../scoring/coco_score.js';
import { createVocScore, type VocChoice, vocReport } from '../scoring/voc_score.js';
import type { Evaluation } from './evaluation.js';
import { detectionFingerprint, fingerprint } from './fingerprint.js';
import { openJournal } from './journal.js';
import { scorePictures } from './picture_scoring.js';
import { checkSizes } from './picture_sizes.js';
import { writePredictions } from './predictions_file.js';
import { shardPositions, shardReport } from './shards.js';

const recordSchema = z.array(
  z.object({
    image_id: z.union([z.number(), z.string()]),
    category_id: z.number(),
    category_name: z.string().optional(),
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    score: z.number(),
  }),
);

export interface DetectionChoice {
  /** Pascal VOC's mAP in place of COCO's figures. */
  readonly voc: VocChoice | undefined;
  /** The most detections of a class and picture that count: see `cocoStats`. */
  readonly maxDets: MaxDetections | undefined;
  /** Whether the dataset's classes were chosen: the config may have more. */
  readonly chosen: boolean;
}

/**
 * COCO's figures, or Pascal VOC's where `voc` is given, of a detector over a dataset or a shard of it.
 * @throws {LowformerError} for classes that are not the config's, pictures that are missing or of another size than
 *   annotated, and whatever running and writing throw.
 */
export async function evaluateDetection(
  evaluation: Evaluation,
  dataset: DetectionDataset,
  { voc, maxDets, chosen }: DetectionChoice,
): Promise<void> {
  const { classes, batchSize, shard, predictions, log } = evaluation;
  // The ids that a config lists are those of a format that has ids.
  const own = dataset.countedIds === true ? { classes: classes.classes } : classes;
  const { categoryIdOf, sameOrder } = mapCategories(dataset, own, { chosen, notes: evaluation.notes });
  if (!sameOrder) log.say(`${dataset.name}: classes are in another order than in the config, and matched by name`);
  const positions = shardPositions(dataset.samples.length, batchSize, shard ?? { shard: 1, of: 1 });
  const samples = positions.flatMap((position) => dataset.samples[position] ?? []);
  await checkPicturesExist({ name: dataset.name, samples });
  await checkSizes(samples);
  evaluation.tell();
  const ids = samples.map(({ id }) => id);
  // JSON.parse would not give back what JSON can hold.
  const names = ids.map((id) => (typeof id === 'bigint' ? String(id) : id));
  const head = { dataset: detectionFingerprint(dataset), run: fingerprint([evaluation.run]) };
  const identity = { ...evaluation.run, dataset: head.dataset, ...(shard ?? {}) };
  await using journal = await openJournal(evaluation.journal, { ...evaluation, identity, ids: names });

  const coco = createCocoScore(dataset, evaluation.notes, maxDets);
  const mAP = voc === undefined ? undefined : createVocScore(dataset, voc);
  let found = 0;
  await scorePictures<Detections, z.output<typeof recordSchema>>(
    () => loadOpened(evaluation.opened, evaluation.load),
    {
      files: samples.map(({ file }) => file),
      ids: names,
      schema: recordSchema,
      record: (picture, { detections }) =>
        detections.flatMap(({ box: [x1, y1, x2, y2], score, classIndex }) => {
          const category_id = categoryIdOf[classIndex];
          if (category_id === undefined) return [];
          return [
            {
              image_id: names[picture] ?? picture,
              category_id: Number(category_id),
              // Ids depend on who counts them; names do not.
              category_name: classes.classes[classIndex],
              bbox: [x1, y1, x2 - x1, y2 - y1] satisfies [number, number, number, number],
              score,
            },
          ];
        }),
      count(picture, detections) {
        found += detections.length;
        // A shard's figures would say little, and nothing of the whole.
        if (shard !== undefined) return;
        if (mAP === undefined) coco.add(positions[picture] ?? picture, detections);
        else mAP.add(positions[picture] ?? picture, detections);
      },
    },
    { ...evaluation, journal },
  );

  if (predictions !== undefined) {
    const part = shard === undefined ? undefined : { ...shard, ...head, image_ids: ids };
    await listening(() => writePredictions(predictions, journal, { head: part, ids, signal: evaluation.signal }));
    log.say(`detections are in ${predictions}`);
  }
  if (shard !== undefined) await evaluation.write(shardReport(shard, ids.length, { detections: found }));
  else {
    const report = mAP === undefined ? cocoReport(coco.summary(), maxDets) : vocReport(dataset, mAP.result());
    evaluation.tellNew();
    await evaluation.write(report);
  }
  await journal.finish();
}
