/** One batch, from files to tensors: the work that a thread does ahead of the network. */
import { LowformerError } from '../../core/errors.js';
import { type RandomDraws, xoshiro } from '../../core/xoshiro.js';
import { checkSampleSize } from '../../data/picture_folder.js';
import { decodeImage } from '../../images/decode.js';
import type { Preprocessor } from '../../images/preprocessors.js';
import { type Annotations, type Frame, type Sample, startSample } from '../../images/sample.js';
import { type TrainingBatchTensors, toTrainingBatch } from '../../images/training_batch.js';
import type { TaskKind } from '../../registry/define_task.js';
import { type PictureSource, runTrainingPipeline, type TrainingPipeline } from '../../steps/training/pipeline.js';
import type { PlannedBatch } from './samplers.js';
import { trainingLabels } from './segmentation_data.js';
import { type DetectionTrainingData, objectCount, type TrainingData } from './training_data.js';

/** All that a batch follows from, but for which pictures it has: plain data. */
export interface LoadingSetup {
  readonly data: TrainingData;
  readonly task: TaskKind;
  /** As `parseTrainingPipeline` gives it. */
  readonly pipeline: TrainingPipeline;
  /** The model's `data_preprocessor`. */
  readonly preprocessor: Preprocessor;
  /** Of the network. */
  readonly sizeDivisor: number;
  /** Of the run: what chance decides follows from it and from a picture's place in the run. */
  readonly seed: number;
  readonly batchSize: number;
}

/** What a step of training gets. */
export interface TrainingBatch extends TrainingBatchTensors, PlannedBatch {
  /** One for each picture of `input`. */
  readonly files: readonly string[];
}

/** Pictures of a batch that are prepared side by side: each is in memory whole. */
const SIDE_BY_SIDE = 2;

/** mmengine's `max_refetch`. */
const MOST_OTHERS = 1000;

/**
 * The same setup and pictures give the same batch, whoever prepares it.
 * @throws {LowformerError} naming the file: what is missing or damaged, of another size than its annotations say, with
 *   labels that are no classes; `invalid-argument` where the pipeline gives up one picture after the other.
 */
export async function prepareBatch(setup: LoadingSetup, planned: PlannedBatch): Promise<TrainingBatch> {
  const { epoch, batch, pictures } = planned;
  const prepared: Prepared[] = [];
  for (let i = 0; i < pictures.length; i += SIDE_BY_SIDE) {
    const some = pictures.slice(i, i + SIDE_BY_SIDE);
    const place = (j: number) => batch * setup.batchSize + i + j;
    const ready = some.map((picture, j) => preparePicture(setup, picture, xoshiro(setup.seed, epoch, place(j))));
    // The first mistake in order is told, whichever came first.
    await Promise.allSettled(ready);
    prepared.push(...(await Promise.all(ready)));
  }
  const files = prepared.map(({ picture }) => setup.data.files[picture] ?? '');
  const frames = prepared.map(({ frame }) => frame);
  const tensors = toTrainingBatch(frames, setup.preprocessor, setup.sizeDivisor);
  return { ...tensors, epoch, batch, files, pictures: prepared.map(({ picture }) => picture) };
}

interface Prepared {
  readonly picture: number;
  readonly frame: Frame;
}

async function preparePicture(setup: LoadingSetup, first: number, random: RandomDraws): Promise<Prepared> {
  const { data, pipeline, task } = setup;
  const pictures: PictureSource = {
    count: data.files.length,
    objectsOf: (index) => objectCount(data, index),
    load: (index) => loadPicture(data, index),
  };
  let picture = first;
  for (let i = 0; i < MOST_OTHERS; i++) {
    const sample = await loadPicture(data, picture);
    const frame = await namingFile(data.files[picture] ?? '', () =>
      runTrainingPipeline(pipeline, task, sample, { random, pictures }),
    );
    if (frame !== undefined) return { picture, frame };
    picture = random.integer(0, data.files.length);
  }
  throw new LowformerError({
    code: 'invalid-argument',
    where: data.files[first] ?? data.name,
    expected: 'a picture that the train_pipeline leaves something of',
    received: `${MOST_OTHERS} pictures, one after the other, of which it left nothing`,
    hint: 'RandomCrop gives up parts without objects, unless allow_negative_crop says otherwise.',
  });
}

/** A step knows nothing of files. */
async function namingFile<Result>(file: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LowformerError) || !error.path.startsWith('train_pipeline')) throw error;
    throw error.at(`${file}: ${error.path}`);
  }
}

/** A picture and what is known of it, before the first step. */
async function loadPicture(data: TrainingData, picture: number): Promise<Sample> {
  const file = data.files[picture] ?? '';
  const image = await decodeImage(file);
  return startSample(file, image, await annotationsOf(data, picture, image));
}

async function annotationsOf(
  data: TrainingData,
  picture: number,
  actual: { readonly width: number; readonly height: number },
): Promise<Annotations> {
  if (data.kind === 'segmentation') return { labelMap: await trainingLabels(data, picture) };
  const [width = 0, height = 0] = data.sizes.subarray(2 * picture, 2 * picture + 2);
  checkSampleSize({ file: data.files[picture] ?? '', size: { width, height } }, actual);
  return { objects: objectsOf(data, picture) };
}

/** Copies: the table is shared among threads. */
function objectsOf({ offsets, boxes, labels, ignored }: DetectionTrainingData, picture: number) {
  const [first, end] = [offsets[picture] ?? 0, offsets[picture + 1] ?? 0];
  return {
    boxes: boxes.slice(4 * first, 4 * end),
    labels: labels.slice(first, end),
    ignored: ignored.slice(first, end),
  };
}
