/**
 * ResNet-50 (arXiv 1512.03385), the baseline of most detection papers: ImageNet classifier at 224x224, and with it as
 * backbone RetinaNet on COCO (mmdet's retinanet_r50_fpn_1x_coco) and Semantic FPN on ADE20K. Pictures as torchvision
 * evaluates its weights `IMAGENET1K_V1`: short edge 256, bilinear. Top-1 76.13 with these, in percent.
 *
 * `lowformer classify resnet50_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

const BACKBONE = { type: 'ResNet', depth: 50 } as const;

export const resnetConfigs = {
  resnet50_in1k: imagenetClassifier(
    BACKBONE,
    { type: 'LinearClsHead', num_classes: 1000 },
    { crop: 224, edge: 256, interpolation: 'bilinear' },
  ) satisfies ClassificationConfig,
  retinanet_resnet50_fpn_1x_coco: retinanetFpnCoco({ ...BACKBONE, frozen_stages: 1 }, 'sgd') satisfies DetectionConfig,
  'sem-fpn_resnet50_40k_ade20k-512x512': semFpnAde20k(BACKBONE) satisfies SegmentationConfig,
} as const;
