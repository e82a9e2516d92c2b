/** From pictures with label maps to what a segmentor is trained by. */
import { join, resolve } from 'node:path';
import { smallSegmentor } from '../../configs/small_lowformer.js';
import { LowformerError } from '../../core/errors.js';
import type { SegmentationDataset } from '../../data/dataset.js';
import { splitPictures } from './held_out.js';
import { isIndexed, writeIndexLabels } from './index_labels.js';
import { segmentationSize } from './input_size.js';
import { MOST_CLASSES, surveyLabels } from './label_survey.js';
import { type Places, partsText, pathBelow } from './places.js';
import type { TaskFromPictures } from './task_from_pictures.js';
import { loaders, recipeKeys, trainPipelines } from './training_keys.js';
import { writeListParts } from './written_parts.js';

/**
 * Label maps whose numbers or colours stand for others are written anew, below the run's folder.
 * @throws {LowformerError} as `surveyLabels`; `invalid-argument` for pictures of several formats; `unwritable-file`.
 */
export async function segmentationFromPictures(
  dataset: SegmentationDataset,
  { images, annotations, folder, seed }: Places,
): Promise<TaskFromPictures> {
  const imageSuffix = commonSuffix(dataset, images, ({ file }) => file);
  const { classes, unnamed, sizes, shown } = await surveyLabels(dataset, annotations);
  const pictures = dataset.samples.map(({ file }, i) => {
    return { path: pathBelow(images, file), classes: shown[i] ?? new Set<number>() };
  });
  const parts = splitPictures(pictures, seed);
  const size = segmentationSize(sizes);
  const { train, validation } = parts;
  const written = await writeListParts(join(folder, 'annotations'), dataset, { train, val: validation });
  const indexed = isIndexed(dataset);
  const labels = resolve(indexed ? annotations : join(folder, 'labels'));
  if (!indexed && classes.length > MOST_CLASSES) {
    const expected = `${MOST_CLASSES} classes at most, for label maps are written with 8 bits,`;
    throw new LowformerError({ code: 'invalid-argument', where: dataset.name, expected, received: classes.length });
  }
  if (!indexed) await writeIndexLabels(labels, dataset, classes.length);
  const set = (part: 'train' | 'val') =>
    ({
      type: 'BaseSegDataset',
      ann_file: written[part] ?? '',
      data_prefix: { img_path: resolve(images), seg_map_path: labels },
      img_suffix: imageSuffix,
      seg_map_suffix: indexed ? commonSuffix(dataset, annotations, ({ labelFile }) => labelFile) : '.png',
      reduce_zero_label: dataset.reduceZeroLabel,
      metainfo: { classes },
    }) as const;
  const names = unnamed ? 'named by their labels: say with --classes what they are called' : classes.join(', ');
  return {
    pictures: train.length,
    size,
    told: [
      `Task: segmentation into ${classes.length} classes (${names}).`,
      partsText(parts),
      `Input: ${size.width}x${size.height} pixels.`,
    ],
    config: (plan, batchSize, workers) => ({
      model: smallSegmentor(classes.length),
      metainfo: { classes },
      train_pipeline: trainPipelines(size).segmentation,
      test_pipeline: [
        { type: 'LoadImageFromFile' },
        { type: 'Resize', scale: [size.width, size.height], keep_ratio: true },
        { type: 'PackSegInputs' },
      ],
      ...loaders(batchSize, workers, { train: set('train'), validation: set('val') }),
      val_evaluator: { type: 'IoUMetric', iou_metrics: ['mIoU'] },
      ...recipeKeys(plan, 'mIoU'),
      randomness: { seed },
    }),
  };
}

type Sample = SegmentationDataset['samples'][number];

/** What all names end in behind the id. @throws {LowformerError} `invalid-argument` where they differ. */
function commonSuffix({ samples }: SegmentationDataset, folder: string, fileOf: (sample: Sample) => string): string {
  const found = new Map<string, string>();
  for (const sample of samples) {
    const suffix = pathBelow(folder, fileOf(sample)).slice(sample.id.length);
    found.set(suffix.toLowerCase(), suffix);
  }
  const [first = '.jpg', ...others] = found.values();
  if (others.length === 0) return first;
  throw new LowformerError({
    code: 'invalid-argument',
    where: folder,
    expected: 'pictures whose names end alike, as mmseg lists them,',
    received: [first, ...others].join(', '),
    hint: 'Convert them to one format.',
  });
}
