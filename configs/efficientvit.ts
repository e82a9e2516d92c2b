/**
 * EfficientViT B0 to B3 (arXiv 2205.14756): ImageNet classifiers at 224x224, and with them as backbones RetinaNet on COCO
 * and Semantic FPN on ADE20K, as LowFormer's are. Pictures as timm evaluates `efficientvit_b1.r224_in1k`: crop ratio 0.95,
 * bicubic. Top-1 as the authors' repository reports it, in percent: B1 79.4, B2 82.1, B3 83.5; none for B0.
 *
 * `lowformer classify efficientvit-b1_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

type Arch = 'b0' | 'b1' | 'b2' | 'b3';

const classifier = (arch: Arch, widths: readonly [number, number]): ClassificationConfig =>
  imagenetClassifier(
    { type: 'EfficientViT', arch },
    { type: 'EfficientViTClsHead', num_classes: 1000, widths },
    { crop: 224, edge: 235, interpolation: 'bicubic' },
  );
const detector = (arch: Arch): DetectionConfig => retinanetFpnCoco({ type: 'EfficientViT', arch });
const segmentor = (arch: Arch): SegmentationConfig => semFpnAde20k({ type: 'EfficientViT', arch });

export const efficientvitConfigs = {
  'efficientvit-b0_in1k': classifier('b0', [1024, 1280]),
  'efficientvit-b1_in1k': classifier('b1', [1536, 1600]),
  'efficientvit-b2_in1k': classifier('b2', [2304, 2560]),
  'efficientvit-b3_in1k': classifier('b3', [2304, 2560]),
  'retinanet_efficientvit-b0_fpn_1x_coco': detector('b0'),
  'retinanet_efficientvit-b1_fpn_1x_coco': detector('b1'),
  'retinanet_efficientvit-b2_fpn_1x_coco': detector('b2'),
  'retinanet_efficientvit-b3_fpn_1x_coco': detector('b3'),
  'sem-fpn_efficientvit-b0_40k_ade20k-512x512': segmentor('b0'),
  'sem-fpn_efficientvit-b1_40k_ade20k-512x512': segmentor('b1'),
  'sem-fpn_efficientvit-b2_40k_ade20k-512x512': segmentor('b2'),
  'sem-fpn_efficientvit-b3_40k_ade20k-512x512': segmentor('b3'),
} as const;
