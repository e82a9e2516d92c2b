/**
 * FAT B0 to B3 (arXiv 2306.00396): ImageNet classifiers at 224x224, and with them as backbones RetinaNet on COCO and
 * Semantic FPN on ADE20K, as LowFormer's are. Pictures as the public code evaluates them: short edge 256, bicubic. Top-1 as
 * the public repository reports it, in percent: B0 77.6, B1 80.1, B2 81.9, B3 83.6.
 *
 * `lowformer classify fat-b0_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

type Arch = 'b0' | 'b1' | 'b2' | 'b3';

const classifier = (arch: Arch): ClassificationConfig =>
  imagenetClassifier(
    { type: 'FAT', arch },
    { type: 'FATClsHead', num_classes: 1000 },
    { crop: 224, edge: 256, interpolation: 'bicubic' },
  );
const detector = (arch: Arch): DetectionConfig => retinanetFpnCoco({ type: 'FAT', arch });
const segmentor = (arch: Arch): SegmentationConfig => semFpnAde20k({ type: 'FAT', arch });

export const fatConfigs = {
  'fat-b0_in1k': classifier('b0'),
  'fat-b1_in1k': classifier('b1'),
  'fat-b2_in1k': classifier('b2'),
  'fat-b3_in1k': classifier('b3'),
  'retinanet_fat-b0_fpn_1x_coco': detector('b0'),
  'retinanet_fat-b1_fpn_1x_coco': detector('b1'),
  'retinanet_fat-b2_fpn_1x_coco': detector('b2'),
  'retinanet_fat-b3_fpn_1x_coco': detector('b3'),
  'sem-fpn_fat-b0_40k_ade20k-512x512': segmentor('b0'),
  'sem-fpn_fat-b1_40k_ade20k-512x512': segmentor('b1'),
  'sem-fpn_fat-b2_40k_ade20k-512x512': segmentor('b2'),
  'sem-fpn_fat-b3_40k_ade20k-512x512': segmentor('b3'),
} as const;
