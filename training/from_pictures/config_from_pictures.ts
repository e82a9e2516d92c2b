/** A whole config, from a folder of pictures with annotations: what is to be trained, on what, how long. */
import { availableParallelism } from 'node:os';
import { collectNotes, type Note, type Notes } from '../../core/notes.js';

export type { AnnotatedFolder } from './annotated_pictures.js';
export type { ConfigFromPictures } from './task_from_pictures.js';

import { refuseRun } from '../folder/run_folder.js';
import { type AnnotatedFolder, openAnnotatedPictures } from './annotated_pictures.js';
import { detectionFromPictures } from './detection.js';
import type { MeasuredBatch } from './measured_step.js';
import { segmentationFromPictures } from './segmentation.js';
import type { ConfigFromPictures } from './task_from_pictures.js';
import { batchSizeFor, type TrainingPlan, trainingPlan } from './training_length.js';

export interface FromPicturesOptions {
  /** Where the parts of the data set are listed, as files that the config names: the run's folder. Made if need be. */
  readonly folder: string;
  /** Decides which pictures are held out. */
  readonly seed: number;
  /** Gets what is odd in the data, with counts, as soon as it is found. */
  readonly notes?: Notes | undefined;
  /** See `measureStep`: seconds of a step. Without it the amount of data alone decides how long training lasts. */
  readonly measure?: ((config: ConfigFromPictures, batch: MeasuredBatch) => Promise<number>) | undefined;
}

export interface FromPictures {
  /** Complete: as a JSON file it is taken by whatever takes a config, mmdet and mmseg but for the backbone. */
  readonly config: ConfigFromPictures;
  readonly plan: TrainingPlan;
  /** What was chosen and why, a sentence each. */
  readonly told: readonly string[];
  /** What is odd in the data, with counts. */
  readonly notes: readonly Note[];
}

/** More threads than these prepare no batch faster than the network takes it. */
const MOST_WORKERS = 4;

/**
 * Boxes make a detector, label maps a segmentor, of one small LowFormer: classes, the input's size, anchors and the length
 * of training follow from the data. A fifth of the pictures is held out for validation.
 * @throws {LowformerError} for whatever is wrong with the data; `invalid-argument` where a run is in the folder;
 *   `unwritable-file`.
 */
export async function configFromPictures(
  pictures: AnnotatedFolder,
  { folder, seed, notes = collectNotes(), measure }: FromPicturesOptions,
): Promise<FromPictures> {
  await refuseRun(folder);
  const dataset = await openAnnotatedPictures(pictures, notes);
  const places = { images: pictures.images, annotations: pictures.annotations, folder, seed };
  const task =
    dataset.kind === 'detection'
      ? await detectionFromPictures(dataset, places, notes)
      : await segmentationFromPictures(dataset, places);
  const batchSize = batchSizeFor(task.pictures);
  const workers = Math.max(1, Math.min(MOST_WORKERS, availableParallelism() - 1));
  const withPlan = (plan: TrainingPlan) => task.config(plan, batchSize, workers);
  const unmeasured = trainingPlan(task.pictures, batchSize, undefined);
  const seconds = await measure?.(withPlan(unmeasured), { pictures: batchSize, ...task.size });
  const plan = trainingPlan(task.pictures, batchSize, seconds);
  const told = [...task.told, planText(plan, batchSize, seconds)];
  return { config: withPlan(plan), plan, told, notes: notes.list() };
}

function planText({ epochs, steps, seconds, cut }: TrainingPlan, batchSize: number, step: number | undefined): string {
  const length = `${epochs} epochs, ${steps} steps of ${batchSize} pictures`;
  if (step === undefined || seconds === undefined) return `Length: ${length}.`;
  const why = cut ? ', fewer than the pictures are worth, so that it ends today' : '';
  return `Length: ${length}${why}; a step takes ${step.toFixed(2)} s here, all of them about ${duration(seconds)}.`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
