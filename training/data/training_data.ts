/** What a config trains on: its `train_dataloader` and `train_pipeline`, checked and read. */
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import type { MetaInfo } from '../../data/metainfo.js';
import { trainingPadding } from '../../images/training_batch.js';
import type { OpenedConfig } from '../../models/open_config.js';
import { normalisationMissing } from '../../registry/config_forms.js';
import { partAt } from '../../registry/config_places.js';
import { originAt } from '../../registry/config_tree.js';
import { type ParseContext, parsePart } from '../../registry/parse_module.js';
import { bareTypes } from '../../registry/type_names.js';
import type { LoaderOptions } from '../loading/loader.js';
import { checkLabelMaps } from '../loading/segmentation_data.js';
import type { TrainLoop } from '../recipe/train_loop.js';
import { batchPlan, trainDataloaderSchema, unfollowedLoaderKeys } from './dataloader.js';
import { type DatasetTree, leavesOf, parseDatasetTree, type TrainedTask } from './dataset_tree.js';
import { readDataset } from './read_dataset.js';
import { trainPipeline } from './train_pipeline.js';

export interface TrainingDataOptions {
  /** Of the run: order of pictures and what chance decides of each follow from it. */
  readonly seed: number;
  /** Gets what is left out or odd in the data, with counts. */
  readonly notes: Notes;
  /** The recipe's. */
  readonly loop: TrainLoop;
  /** Label maps that are read before the first step, evenly spread: 500 by default. */
  readonly checkedLabelMaps?: number;
}

export interface TrainingDataSource {
  /** For `trainingLoader`. */
  readonly loader: LoaderOptions;
  /** Paths of what the config says and loading does not follow. */
  readonly unfollowed: readonly string[];
}

/**
 * All of a config's data that can be wrong is so before the first step: keys, files of annotations, classes, boxes, and
 * label maps.
 * @throws {LowformerError} `invalid-config`, naming the path, for what is missing, unknown or wrong in the config; for what
 *   is missing or wrong in the files, naming them.
 */
export async function readTrainingData(
  opened: OpenedConfig,
  { seed, notes, loop, checkedLabelMaps = 500 }: TrainingDataOptions,
): Promise<TrainingDataSource> {
  const { config, model } = opened;
  const task = trainedTask(opened);
  const { loader, tree } = readLoader(opened, task);
  if (loop.unit === 'epochs' && loader.sampler.type === 'InfiniteSampler') throw endless();
  if (!opened.isNormalised) throw normalisationMissing(config, model.preprocessor.type);
  trainingPadding(model.preprocessor);
  const pipeline = trainPipeline(config, tree, task);
  const { data, places } = await readDataset(tree, { classes: classesOf(opened), notes });
  if (data.kind === 'segmentation') await checkLabelMaps(data, checkedLabelMaps);
  return {
    loader: {
      data,
      places,
      task,
      pipeline,
      preprocessor: model.preprocessor,
      sizeDivisor: model.sizeDivisor,
      seed,
      plan: batchPlan(loader, seed),
      workers: loader.num_workers,
      ...(loader.prefetch_factor == null ? {} : { prefetch: loader.prefetch_factor }),
    },
    unfollowed: [...unfollowedLoaderKeys(loader).map((key) => `${LOADER}.${key}`), ...unfollowedSetKeys(tree)],
  };
}

const LOADER = 'train_dataloader';

function readLoader({ config }: OpenedConfig, task: TrainedTask) {
  const part = partAt(config, [LOADER]);
  if (part === undefined) {
    const example = "{batch_size: 2, num_workers: 2, dataset: {type: 'CocoDataset', ann_file: 'train.json'}}";
    const expected = `what to train on, such as ${example}, but the key is missing`;
    throw new LowformerError({ code: 'invalid-config', where: LOADER, expected });
  }
  const context: ParseContext = { path: LOADER, originOf: (path) => originAt(config.origins, path) };
  const loader = parsePart(trainDataloaderSchema, bareTypes(part.value, [LOADER]), context);
  return { loader, tree: parseDatasetTree(loader.dataset, task, { ...context, path: `${LOADER}.dataset` }) };
}

/** What detection and segmentation have here, and classification has not. @throws {LowformerError} `invalid-config` */
export function trainedTask({ model }: OpenedConfig): TrainedTask {
  if (model.task !== 'classification') return model.task;
  const expected = 'a model for detection or segmentation: classifiers are not trained here';
  throw new LowformerError({ code: 'invalid-config', where: 'model.type', expected, received: model.type });
}

/** The config's classes, as many as the network tells apart. @throws {LowformerError} `invalid-config` without any. */
export function classesOf({ metaInfo, labels }: OpenedConfig): MetaInfo {
  if (metaInfo !== undefined && labels !== undefined) return metaInfo;
  const expected = "the class names, such as {classes: ['cat', 'dog']}, but the key is missing";
  throw new LowformerError({ code: 'invalid-config', where: 'metainfo', expected });
}

/** Pictures lie on the disk, and are read from there. */
export function unfollowedSetKeys(tree: DatasetTree): readonly string[] {
  return leavesOf(tree).flatMap(({ config, path }) =>
    (['backend_args', 'file_client_args'] as const).filter((key) => config[key] != null).map((key) => `${path}.${key}`),
  );
}

function endless(): LowformerError {
  return new LowformerError({
    code: 'invalid-config',
    where: `${LOADER}.sampler.type`,
    expected: 'DefaultSampler where epochs are counted',
    received: 'InfiniteSampler',
    hint: 'An InfiniteSampler has no end of an epoch: count iterations (train_cfg.type IterBasedTrainLoop) or change it.',
  });
}
