/** From a checked `dataset` to the table that is trained on, and to which picture each place of it stands for. */
import { LowformerError } from '../../core/errors.js';
import type { Notes } from '../../core/notes.js';
import { type ConfigClasses, checkLabelClasses } from '../../data/class_check.js';
import type { DetectionDataset, SegmentationDataset } from '../../data/dataset.js';
import { selectClasses } from '../../data/subset.js';
import { classBalanced, everyPicture, repeated } from '../loading/balance.js';
import { checkPictures } from '../loading/check_pictures.js';
import { detectionTrainingData } from '../loading/detection_data.js';
import { joined, picturesOf } from '../loading/part_of_data.js';
import { segmentationTrainingData } from '../loading/segmentation_data.js';
import type { TrainingData } from '../loading/training_data.js';
import type { DatasetTree, Leaf } from './dataset_tree.js';

export interface DatasetReading {
  /** The config's, as many as the network tells apart. */
  readonly classes: ConfigClasses;
  readonly notes: Notes;
}

export interface ReadDataset {
  readonly data: TrainingData;
  readonly places: Int32Array;
}

/** @throws {LowformerError} for whatever is missing or wrong with the files; classes are those of the config. */
export async function readDataset(tree: DatasetTree, reading: DatasetReading): Promise<ReadDataset> {
  switch (tree.kind) {
    case 'set': {
      const data = chosenPictures(await trainingData(tree.leaf, reading), tree.leaf);
      return { data, places: everyPicture(data.files.length) };
    }
    case 'joined': {
      const parts: ReadDataset[] = [];
      for (const part of tree.trees) parts.push(await readDataset(part, reading));
      const data = joined(
        parts.map((part) => part.data),
        tree.path,
      );
      let start = 0;
      const places = parts.flatMap((part) => {
        const own = Array.from(part.places, (place) => place + start);
        start += part.data.files.length;
        return own;
      });
      return { data, places: Int32Array.from(places) };
    }
    case 'repeated': {
      const { data, places } = await readDataset(tree.tree, reading);
      return { data, places: repeated(places, tree.times) };
    }
    case 'balanced': {
      const { data } = await readDataset(tree.tree, reading);
      if (data.kind !== 'detection') throw new TypeError('the tree of a segmentor has no balanced data set');
      return { data, places: classBalanced(data, tree.threshold) };
    }
    case 'mixed':
      return readDataset(tree.tree, reading);
  }
}

async function trainingData(leaf: Leaf, { classes, notes }: DatasetReading): Promise<TrainingData> {
  if (leaf.task === 'segmentation') {
    return segmentationTrainingData(await openSegmentationSet(leaf, classes, notes), classes.classes.length);
  }
  const filter = leaf.config.filter_cfg ?? undefined;
  const options = { notes, advice: adviceFor(leaf), ...(filter === undefined ? {} : { filter }) };
  return detectionTrainingData(await openDetectionSet(leaf, classes, notes), classes, options);
}

/**
 * The objects of a data set. Where the config names its classes there, it has chosen them, as for mmdet: others are left
 * out, and that is noted.
 * @throws {LowformerError} `invalid-config` for other names there than the config's own; as `checkPictures`.
 */
export async function openDetectionSet(
  { set, config, path }: Extract<Leaf, { task: 'detection' }>,
  classes: ConfigClasses,
  notes: Notes,
): Promise<DetectionDataset> {
  checkOwnClasses(config.metainfo?.classes, classes, path);
  const dataset = await set.open(config, { classes, notes });
  await checkPictures(dataset, notes);
  const known = new Set(dataset.classes.map((name) => name.trim()));
  const own = classes.classes.map((name) => name.trim());
  if (config.metainfo?.classes === undefined || !own.every((name) => known.has(name))) return dataset;
  const chosen = selectClasses(dataset, own);
  const left = chosen.leftOut?.classes ?? [];
  for (const name of left) notes.add({ kind: 'other-class', where: dataset.name, message: OTHER }, `'${name}'`);
  return chosen;
}

const OTHER = 'Objects of classes that metainfo does not name are left out';

/** Label maps of a data set. @throws {LowformerError} where its numbers mean other classes than the config's. */
export async function openSegmentationSet(
  leaf: Extract<Leaf, { task: 'segmentation' }>,
  classes: ConfigClasses,
  notes: Notes,
): Promise<SegmentationDataset> {
  const { set, config, path } = leaf;
  checkOwnClasses(config.metainfo?.classes, classes, path);
  const dataset = await set.open(config, { classes, notes });
  checkLabelClasses(dataset, classes, adviceFor(leaf));
  return dataset;
}

function adviceFor({ task, path }: Leaf): string {
  return task === 'detection'
    ? `To train on some of its classes, name them in ${path}.metainfo.classes and in metainfo, and set num_classes.`
    : 'Label numbers have to mean the classes of the config.';
}

function checkOwnClasses(own: readonly string[] | undefined, { classes }: ConfigClasses, path: string): void {
  if (own === undefined || (own.length === classes.length && own.every((name, i) => name === classes[i]))) return;
  const shown = (names: readonly string[]) => names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
  throw new LowformerError({
    code: 'invalid-config',
    where: `${path}.metainfo.classes`,
    expected: `the classes of the config in their order (${classes.length}: ${shown(classes)})`,
    received: `${own.length}: ${shown(own)}`,
    hint: 'Correct one of the two: each class has to be the same output of the network everywhere.',
  });
}

/** mmengine's `indices`, counted after what `filter_cfg` leaves. */
function chosenPictures(data: TrainingData, { config: { indices }, path }: Leaf): TrainingData {
  if (indices == null) return data;
  const all = [...data.files.keys()];
  const chosen = typeof indices !== 'number' ? indices : indices < 0 ? all.slice(indices) : all.slice(0, indices);
  const wrong = chosen.find((picture) => picture >= all.length);
  if (wrong === undefined && chosen.length > 0) return picturesOf(data, chosen);
  const expected = `pictures from 0 to ${all.length - 1}, at least one`;
  const where = `${path}.indices`;
  throw new LowformerError({ code: 'invalid-config', where, expected, received: wrong ?? 'none' });
}
