import type { TaskKind } from '../../registry/define_task.js';
import type { AnyTrainingStep } from '../../registry/define_training_step.js';
import { type ModuleTable, moduleTable } from '../../registry/table.js';
import { expand } from './expand.js';
import { loadDetectionAnnotations, loadSegmentationAnnotations } from './load_annotations.js';
import { minIouRandomCrop } from './min_iou_random_crop.js';
import { mixUpStep } from './mix_up.js';
import { cachedMosaicStep, mosaicStep } from './mosaic.js';
import { detectionDistortion, segmentationDistortion } from './photometric_distortion.js';
import { randomDetectionCrop, randomSegmentationCrop } from './random_crop.js';
import { randomFlipInTraining } from './random_flip.js';
import { randomChoiceResize, randomResize } from './random_resize.js';

const every: Readonly<Record<string, AnyTrainingStep>> = {
  RandomFlip: randomFlipInTraining,
  RandomResize: randomResize,
  RandomChoiceResize: randomChoiceResize,
};

/**
 * The steps of a `train_pipeline` beside those of a `test_pipeline`, which it may have too. By task, since mmdet and mmseg
 * have steps of one name that are not the same.
 */
export const TRAINING_STEPS: Readonly<Record<TaskKind, ModuleTable<AnyTrainingStep>>> = {
  detection: moduleTable('training step', {
    ...every,
    LoadAnnotations: loadDetectionAnnotations,
    RandomCrop: randomDetectionCrop,
    MinIoURandomCrop: minIouRandomCrop,
    Expand: expand,
    PhotoMetricDistortion: detectionDistortion,
    Mosaic: mosaicStep,
    CachedMosaic: cachedMosaicStep,
    MixUp: mixUpStep,
  }),
  segmentation: moduleTable('training step', {
    ...every,
    LoadAnnotations: loadSegmentationAnnotations,
    RandomCrop: randomSegmentationCrop,
    PhotoMetricDistortion: segmentationDistortion,
  }),
  classification: moduleTable('training step', every),
};
