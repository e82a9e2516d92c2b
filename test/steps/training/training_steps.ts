/** The smallest config of each training step, and others that its schema or choice tells apart. */
import type { TaskKind } from '../../../registry/define_task.js';

type Keys = Readonly<Record<string, unknown>>;

const every: Readonly<Record<string, readonly Keys[]>> = {
  RandomFlip: [
    { prob: 0.5 },
    { prob: [0.3, 0.3, 0.3], direction: ['horizontal', 'vertical', 'diagonal'], swap_seg_labels: [[1, 2]] },
  ],
  RandomResize: [
    { scale: [40, 30], ratio_range: [0.5, 2], keep_ratio: true },
    {
      scale: [
        [40, 30],
        [60, 50],
      ],
      resize_type: 'FixScaleResize',
    },
  ],
  RandomChoiceResize: [
    { scales: [[40, 30], 20], keep_ratio: true },
    { scales: [20, 30], resize_type: 'ResizeShortestEdge', max_size: 50 },
  ],
};

export const TRAINING_STEP_CONFIGS: Readonly<Record<TaskKind, Readonly<Record<string, readonly Keys[]>>>> = {
  detection: {
    ...every,
    LoadAnnotations: [{}, { with_bbox: true, with_seg: true }],
    RandomCrop: [
      { crop_size: [20, 16], allow_negative_crop: true },
      { crop_size: [10, 30], crop_type: 'absolute_range', allow_negative_crop: true },
      { crop_size: [0.5, 0.7], crop_type: 'relative', bbox_clip_border: false },
      { crop_size: [0.5, 0.7], crop_type: 'relative_range' },
    ],
    MinIoURandomCrop: [{}, { min_ious: [0.05], bbox_clip_border: false }],
    Expand: [{}, { prob: 1, mean: [1, 2, 3], ratio_range: [1, 2] }],
    PhotoMetricDistortion: [{}],
    Mosaic: [{ img_scale: [40, 30] }, { img_scale: [40, 30], prob: 0.5, bbox_clip_border: false }],
    CachedMosaic: [{ img_scale: [40, 30], max_cached_images: 40, random_pop: false }],
    MixUp: [{ img_scale: [40, 30] }, { img_scale: [40, 30], ratio_range: [0.8, 1.6], bbox_clip_border: false }],
  },
  segmentation: {
    ...every,
    LoadAnnotations: [{}, { reduce_zero_label: true }],
    RandomCrop: [{ crop_size: [20, 16] }, { crop_size: 24, cat_max_ratio: 0.5 }],
    PhotoMetricDistortion: [{}, { hue_delta: 0 }],
  },
  classification: every,
};
