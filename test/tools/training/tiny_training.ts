/** Configs of trainings that last seconds, with their data, in a folder: for running `lowformer train` on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOXES, CLASSES, writeCoco, writePictures } from '../../training/loading/small_set.js';
import { detector, segmentor } from '../tiny_models.js';

const dataset = (root: string) => ({
  type: 'CocoDataset',
  data_root: root,
  ann_file: 'annotations.json',
  data_prefix: { img: 'images/' },
});

const common = {
  optim_wrapper: { optimizer: { type: 'AdamW', lr: 0.001, weight_decay: 0.05 }, clip_grad: { max_norm: 35 } },
  param_scheduler: [{ type: 'LinearLR', start_factor: 0.1, by_epoch: false, begin: 0, end: 4 }],
  randomness: { seed: 7 },
};

/** Two classes, seven pictures, four steps an epoch. @param root where `images` and `annotations.json` are. */
export function tinyDetection(root: string, epochs: number) {
  return {
    ...detector,
    model: { ...detector.model, bbox_head: { ...detector.model.bbox_head, num_classes: CLASSES.length } },
    metainfo: { classes: CLASSES },
    train_dataloader: {
      batch_size: 2,
      num_workers: 0,
      sampler: { type: 'DefaultSampler', shuffle: true },
      dataset: dataset(root),
    },
    train_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations', with_bbox: true },
      { type: 'Resize', scale: [64, 64], keep_ratio: true },
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PackDetInputs' },
    ],
    val_dataloader: { batch_size: 2, num_workers: 0, dataset: dataset(root) },
    val_evaluator: { type: 'CocoMetric' },
    train_cfg: { type: 'EpochBasedTrainLoop', max_epochs: epochs, val_interval: 1 },
    ...common,
  };
}

const labelled = (root: string) => ({
  type: 'BaseSegDataset',
  data_root: root,
  data_prefix: { img_path: 'images', seg_map_path: 'labels' },
  img_suffix: '.png',
});

/** Two classes likewise, counted in iterations. */
export function tinySegmentation(root: string, iterations: number) {
  return {
    ...segmentor,
    model: {
      ...segmentor.model,
      data_preprocessor: { ...segmentor.model.data_preprocessor, size: [32, 32], pad_val: 0, seg_pad_val: 255 },
      decode_head: {
        ...segmentor.model.decode_head,
        num_classes: CLASSES.length,
        loss_decode: { type: 'CrossEntropyLoss', use_sigmoid: false, loss_weight: 1 },
      },
    },
    metainfo: { classes: CLASSES },
    train_dataloader: {
      batch_size: 2,
      num_workers: 0,
      sampler: { type: 'InfiniteSampler', shuffle: true },
      dataset: labelled(root),
    },
    train_pipeline: [
      { type: 'LoadImageFromFile' },
      { type: 'LoadAnnotations' },
      { type: 'RandomResize', scale: [64, 48], ratio_range: [0.5, 2], keep_ratio: true },
      { type: 'RandomCrop', crop_size: [32, 32], cat_max_ratio: 0.75 },
      { type: 'RandomFlip', prob: 0.5 },
      { type: 'PackSegInputs' },
    ],
    val_dataloader: { batch_size: 1, num_workers: 0, dataset: labelled(root) },
    val_evaluator: { type: 'IoUMetric', iou_metrics: ['mIoU'] },
    train_cfg: { type: 'IterBasedTrainLoop', max_iters: iterations, val_interval: 4 },
    ...common,
  };
}

/** Pictures, boxes and label maps in `folder`, and `detection.json` and `segmentation.json` to train on them. */
export async function writeTinyTrainings(
  folder: string,
  { epochs = 2, iterations = 8 }: { readonly epochs?: number; readonly iterations?: number } = {},
): Promise<void> {
  await writePictures(folder);
  writeCoco(folder, BOXES);
  writeFileSync(join(folder, 'detection.json'), JSON.stringify(tinyDetection('.', epochs)));
  writeFileSync(join(folder, 'segmentation.json'), JSON.stringify(tinySegmentation('.', iterations)));
}
