/**
 * torchvision's RetinaNets on ResNet-50, COCO, with its checkpoints of these names: box AP 36.4
 * (`retinanet_resnet50_fpn_coco-eeacb38b.pth`) and 41.5 (`retinanet_resnet50_fpn_v2_coco-5905b1c5.pth`).
 *
 * `lowformer detect retinanet_resnet50_fpn --checkpoint FILE pictures/`
 */
import { coco } from '../data/classes/coco.js';
import type { DetectionConfig } from '../tasks/config.js';

const detector = (
  batchNormEpsilon: number,
  extraLevels: 'on_input' | 'on_output',
  norm: { readonly type: 'GN'; readonly num_groups: number } | null,
): DetectionConfig => ({
  model: {
    type: 'RetinaNet',
    data_preprocessor: { type: 'DetDataPreprocessor', pad_size_divisor: 32 },
    backbone: { type: 'ResNet', depth: 50, norm_cfg: { type: 'BN', eps: batchNormEpsilon } },
    neck: {
      type: 'FPN',
      out_channels: 256,
      start_level: 1,
      add_extra_convs: extraLevels,
      relu_before_extra_convs: true,
      num_outs: 5,
    },
    bbox_head: { type: 'TorchvisionRetinaHead', num_classes: 91, class_labels: coco.category_ids, norm_cfg: norm },
    test_cfg: {
      nms_pre: 1000,
      score_thr: 0.05,
      nms: { type: 'torchvision_nms', iou_threshold: 0.5 },
      max_per_img: 300,
    },
  },
  test_pipeline: [
    { type: 'LoadImageFromFile' },
    { type: 'GeneralizedRCNNTransform', min_size: 800, max_size: 1333 },
    { type: 'PackDetInputs' },
  ],
  metainfo: coco,
});

export const torchvisionRetinanet = {
  /** Trained when torchvision's frozen norms had no epsilon, and run without one to this day (`overwrite_eps`). */
  retinanet_resnet50_fpn: detector(0, 'on_output', null),
  retinanet_resnet50_fpn_v2: detector(1e-5, 'on_input', { type: 'GN', num_groups: 32 }),
} as const;
