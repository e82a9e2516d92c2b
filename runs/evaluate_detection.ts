import { z } from 'zod';
import type { Detections } from '../core/results.js';
import { mapCategories } from '../data/class_check.js';
import type { DetectionDataset } from '../data/dataset.js';
import { checkPicturesExist } from '../data/picture_folder.js';
import { listening } from '../files/interruption.js';
import type { AnyMetric } from '../scoring/metrics/index.js';
import { openMetric } from '../scoring/metrics/opened_metric.js';
import type { Evaluation } from './evaluation.js';
import { detectionFingerprint, fingerprint } from './fingerprint.js';
import type { Journal, RunIdentity } from './journal.js';
import { checkSizes } from './picture_sizes.js';
import { writePredictions } from './predictions_file.js';
import { runEvaluation } from './run_evaluation.js';
import { shardPositions } from './shards.js';

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
  readonly metric: Extract<AnyMetric, { task: 'detection' }>;
  /** The metric's, checked. */
  readonly options: unknown;
  /** Whether the dataset's classes were chosen: the config may have more. */
  readonly chosen: boolean;
}

/**
 * A detector's figures over a dataset, COCO's or another metric's, or the detections of a shard of it. The journal keeps
 * detections: it serves every metric.
 * @throws {LowformerError} for classes that are not the config's, pictures that are missing or of another size than
 *   annotated, and whatever running and writing throw.
 */
export async function evaluateDetection(
  evaluation: Evaluation,
  dataset: DetectionDataset,
  { metric, options, chosen }: DetectionChoice,
): Promise<void> {
  const { classes, batchSize, shard, predictions, log, signal, notes } = evaluation;
  // The ids that a config lists are those of a format that has ids.
  const own = dataset.countedIds === true ? { classes: classes.classes } : classes;
  const { categoryIdOf, sameOrder } = mapCategories(dataset, own, { chosen, notes });
  if (!sameOrder) log.say(`${dataset.name}: classes are in another order than in the config, and matched by name`);
  const positions = shardPositions(dataset.samples.length, batchSize, shard ?? { shard: 1, of: 1 });
  const samples = positions.flatMap((position) => dataset.samples[position] ?? []);
  await checkPicturesExist({ name: dataset.name, samples });
  await checkSizes(samples);
  evaluation.tell();
  const ids = samples.map(({ id }) => id);
  // JSON.parse would not give back what JSON can hold.
  const names = ids.map((id) => (typeof id === 'bigint' ? String(id) : id));
  const data = detectionFingerprint(dataset);
  const total = await openMetric(metric, dataset, options, notes);
  let found = 0;
  const keepPredictions = async (path: string, journal: Journal, run: RunIdentity) => {
    const head = { dataset: data, run: fingerprint([run]) };
    const part = shard === undefined ? undefined : { ...shard, ...head, image_ids: ids };
    await listening(() => writePredictions(path, journal, { head: part, ids, signal }));
    log.say(`detections are in ${path}`);
  };
  await runEvaluation<Detections, z.output<typeof recordSchema>>(evaluation, {
    identity: { dataset: data },
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
      const [position, truth] = [positions[picture] ?? picture, samples[picture]];
      if (shard === undefined && truth !== undefined) total.add({ position, truth, detections });
    },
    ...(predictions === undefined
      ? {}
      : { keepPredictions: (journal, run) => keepPredictions(predictions, journal, run) }),
    shardCounts: () => ({ detections: found }),
    figures: () => total.report(),
  });
}
