/** A few drawn pictures with boxes and label maps, in a folder of their own. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { collectNotes, type Notes } from '../../../core/notes.js';
import { readCoco } from '../../../data/coco.js';
import { readSegmentationFolders } from '../../../data/segmentation_folders.js';
import { detPreprocessorSchema, segPreprocessorSchema } from '../../../images/batch.js';
import { parseTrainingPipeline } from '../../../steps/training/pipeline.js';
import { everyPicture } from '../../../training/loading/balance.js';
import { detectionTrainingData } from '../../../training/loading/detection_data.js';
import type { LoaderOptions } from '../../../training/loading/loader.js';
import { segmentationTrainingData } from '../../../training/loading/segmentation_data.js';
import { formulaPicture } from '../../images/formula_picture.js';

export const CLASSES = ['round', 'square'] as const;

/** Sides of the pictures, wide and tall ones. */
export const SIZES = [
  [40, 30],
  [30, 40],
  [48, 32],
  [32, 32],
  [33, 47],
  [50, 20],
  [64, 48],
] as const;

export type Box = readonly [x: number, y: number, width: number, height: number];

/** One round box and one square one a picture, but for the last, which is empty. */
export const BOXES: readonly (readonly Box[])[] = SIZES.map(([width, height], i) =>
  i === SIZES.length - 1
    ? []
    : [
        [1, 2, 10 + i, 12],
        [width - 12, height - 10, 12, 10],
      ],
);

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'lowformer-loading-'));
}

/** `images/N.png`, and label maps `labels/N.png`. */
export async function writePictures(folder: string): Promise<void> {
  for (const name of ['images', 'labels']) mkdirSync(join(folder, name));
  for (const [i, [width, height]] of SIZES.entries()) {
    const { data } = formulaPicture(width, height, i);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, 'images', `${i}.png`));
    await writeLabels(join(folder, 'labels', `${i}.png`), width, height, (at) => at % 2);
  }
}

export async function writeLabels(file: string, width: number, height: number, label: (at: number) => number) {
  const labels = new Uint8Array(width * height).map((_, at) => label(at));
  await sharp(labels, { raw: { width, height, channels: 1 } })
    .png()
    .toColourspace('b-w')
    .toFile(file);
}

export function writeCoco(folder: string, boxes: readonly (readonly Box[])[], changes: object = {}): string {
  const file = join(folder, 'annotations.json');
  const annotations = boxes.flatMap((list, image) =>
    list.map((bbox, i) => ({ image_id: image, category_id: (i % 2) + 1, bbox, area: bbox[2] * bbox[3], iscrowd: 0 })),
  );
  const json = {
    images: SIZES.map(([width, height], id) => ({ id, width, height, file_name: `${id}.png` })),
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: CLASSES.map((name, i) => ({ id: i + 1, name })),
  };
  writeFileSync(file, JSON.stringify({ ...json, ...changes }));
  return file;
}

export const detectionPreprocessor = detPreprocessorSchema.parse({
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
  bgr_to_rgb: true,
  pad_size_divisor: 16,
});

/** Options of a detector's loader over the small set. */
export async function detectionLoading(
  folder: string,
  {
    steps = STEPS,
    boxes = BOXES,
    notes = collectNotes(),
  }: { steps?: readonly object[]; boxes?: typeof BOXES; notes?: Notes } = {},
): Promise<LoaderOptions> {
  const dataset = await readCoco(writeCoco(folder, boxes), join(folder, 'images'), { notes });
  const data = await detectionTrainingData(dataset, { classes: CLASSES }, { notes });
  return {
    data,
    task: 'detection',
    pipeline: parseTrainingPipeline(steps, 'detection', { path: 'train_pipeline' }),
    preprocessor: detectionPreprocessor,
    sizeDivisor: 1,
    seed: 5,
    plan: { sampler: 'DefaultSampler', shuffle: true, seed: 5, batchSize: 2, dropLast: false, byAspectRatio: false },
    places: everyPicture(data.files.length),
    workers: 0,
  };
}

export const STEPS = [
  { type: 'LoadImageFromFile' },
  { type: 'LoadAnnotations' },
  { type: 'Mosaic', img_scale: [40, 32], prob: 0.5 },
  { type: 'RandomResize', scale: [64, 48], ratio_range: [0.5, 1.5], keep_ratio: true },
  { type: 'RandomCrop', crop_size: [48, 40] },
  { type: 'RandomFlip', prob: 0.5 },
  { type: 'MixUp', img_scale: [40, 32] },
  { type: 'PhotoMetricDistortion' },
  { type: 'PackDetInputs' },
];

/** Likewise of a segmentor's. */
export async function segmentationLoading(folder: string, preprocessor: object): Promise<LoaderOptions> {
  const dataset = await readSegmentationFolders({ images: join(folder, 'images'), labels: join(folder, 'labels') });
  const data = segmentationTrainingData(dataset, CLASSES.length);
  const steps = [
    { type: 'LoadAnnotations' },
    { type: 'RandomResize', scale: [64, 48], ratio_range: [0.5, 1.5], keep_ratio: true },
    { type: 'RandomCrop', crop_size: [24, 32], cat_max_ratio: 0.75 },
    { type: 'RandomFlip', prob: 0.5 },
    { type: 'PhotoMetricDistortion' },
  ];
  return {
    data,
    task: 'segmentation',
    pipeline: parseTrainingPipeline(steps, 'segmentation', { path: 'train_pipeline' }),
    preprocessor: segPreprocessorSchema.parse(preprocessor),
    sizeDivisor: 1,
    seed: 5,
    plan: { sampler: 'InfiniteSampler', shuffle: true, seed: 5, batchSize: 3, dropLast: true, byAspectRatio: false },
    places: everyPicture(data.files.length),
    workers: 0,
  };
}
