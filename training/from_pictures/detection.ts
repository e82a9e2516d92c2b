/** From pictures with boxes to what a detector is trained by. */
import { join, resolve } from 'node:path';
import { DETECTION_STRIDES, smallDetector } from '../../configs/small_lowformer.js';
import type { Notes } from '../../core/notes.js';
import type { DetectionDataset } from '../../data/dataset.js';
import { checkPictures } from '../loading/check_pictures.js';
import { detectionTrainingData } from '../loading/detection_data.js';
import { classesOf, type DetectionTrainingData } from '../loading/training_data.js';
import { type AnchorFit, fitAnchors } from './fitted_anchors.js';
import { type SplitPicture, splitPictures } from './held_out.js';
import { detectionSize, fittingScale, type ObjectSize } from './input_size.js';
import { type Places, partsText, pathBelow } from './places.js';
import type { TaskFromPictures } from './task_from_pictures.js';
import { loaders, recipeKeys, trainPipelines } from './training_keys.js';
import { writeCocoParts } from './written_parts.js';

/**
 * @throws {LowformerError} `invalid-argument` where no picture has an object, and for categories that are not listed; for pictures that are missing or damaged;
 *   `unwritable-file`.
 */
export async function detectionFromPictures(
  dataset: DetectionDataset,
  { images, folder, seed }: Places,
  notes: Notes,
): Promise<TaskFromPictures> {
  await checkPictures(dataset, notes);
  const classes = usedClasses(dataset, notes);
  const data = await detectionTrainingData(dataset, { classes });
  const parts = splitPictures(splitBy(data, images), seed);
  const sizes = data.files.map((_, i) => ({ width: data.sizes[2 * i] ?? 1, height: data.sizes[2 * i + 1] ?? 1 }));
  const objects = objectSizes(data);
  const size = detectionSize(sizes, objects);
  const fit = fitAnchors(
    objects.map(({ width, height, picture }) => {
      const scale = fittingScale(picture, size);
      return { width: width * scale, height: height * scale };
    }),
    DETECTION_STRIDES,
  );
  const { train, validation } = parts;
  const written = await writeCocoParts(
    join(folder, 'annotations'),
    dataset,
    { images, classes, sizes },
    { train, val: validation },
  );
  const set = (part: 'train' | 'val') =>
    ({ type: 'CocoDataset', ann_file: written[part] ?? '', data_prefix: { img: resolve(images) } }) as const;
  return {
    pictures: train.length,
    size,
    told: [
      `Task: detection of ${classes.length} classes (${classes.join(', ')}), ${objects.length} objects.`,
      partsText(parts),
      `Input: ${size.width}x${size.height} pixels.`,
      anchorText(fit),
    ],
    config: (plan, batchSize, workers) => ({
      model: smallDetector(classes.length, fit.anchors),
      metainfo: { classes },
      train_pipeline: trainPipelines(size).detection,
      test_pipeline: [
        { type: 'LoadImageFromFile' },
        { type: 'Resize', scale: [size.width, size.height], keep_ratio: true },
        { type: 'PackDetInputs' },
      ],
      ...loaders(batchSize, workers, { train: set('train'), validation: set('val') }),
      val_evaluator: { type: 'CocoMetric', metric: 'bbox' },
      ...recipeKeys(plan, 'coco/bbox_mAP'),
      randomness: { seed },
    }),
  };
}

/** Roboflow lists a parent of all classes, and exports list what was never drawn. */
function usedClasses({ name, classes, categoryIds, samples }: DetectionDataset, notes: Notes): readonly string[] {
  const used = new Set(samples.flatMap(({ objects }) => objects.map(({ categoryId }) => categoryId)));
  const isUsed = classes.map((_, i) => categoryIds.some((id, at) => at === i && used.has(id)));
  // Without any object all of them stay: reading the data says what is wrong.
  if (!isUsed.includes(true)) return classes.map((one) => one.trim());
  classes.forEach((one, i) => {
    if (isUsed[i]) return;
    notes.add(
      { kind: 'unused-class', where: name, message: 'Classes of which there is no object are left out' },
      `'${one}'`,
    );
  });
  return classes.filter((_, i) => isUsed[i]).map((one) => one.trim());
}

function splitBy(data: DetectionTrainingData, images: string): readonly SplitPicture[] {
  return data.files.map((file, i) => ({ path: pathBelow(images, file), classes: classesOf(data, i) }));
}

/** Of what counts as an object. */
function objectSizes({ files, sizes, offsets, boxes, ignored }: DetectionTrainingData): readonly ObjectSize[] {
  return files.flatMap((_, i) => {
    const picture = { width: sizes[2 * i] ?? 1, height: sizes[2 * i + 1] ?? 1 };
    const [first, end] = [offsets[i] ?? 0, offsets[i + 1] ?? 0];
    return Array.from({ length: end - first }, (_, j) => first + j)
      .filter((at) => ignored[at] === 0)
      .map((at) => {
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(4 * at, 4 * at + 4);
        return { width: x2 - x1, height: y2 - y1, picture };
      });
  });
}

function anchorText({ anchors, meanIou, met, usual }: AnchorFit): string {
  const { octave_base_scale: base, ratios } = anchors;
  const share = (value: number) => `${Math.round(value * 100)} %`;
  const form = `from ${base} strides on, height over width ${ratios.join(', ')}`;
  const compared = usual.meanIou === meanIou ? 'the usual ones' : `the usual ones have ${usual.meanIou.toFixed(2)}`;
  return `Anchors: ${form}; mean IoU with the objects ${meanIou.toFixed(2)} (${compared}), ${share(met)} of them above 0.5.`;
}
