/**
 * MobileOne S0 to S4 (arXiv 2206.04040): ImageNet classifiers at 224x224, and with them as backbones RetinaNet on COCO and
 * Semantic FPN on ADE20K, as LowFormer's are. Pictures as timm evaluates `mobileone_s0.apple_in1k`: crop ratio 0.875 for
 * S0, 0.9 for the others, bilinear. Top-1 as the paper reports it, in percent: S0 71.4, S1 75.9, S2 77.4, S3 78.1, S4 79.4.
 *
 * `lowformer classify mobileone-s2_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

type Arch = 's0' | 's1' | 's2' | 's3' | 's4';

const classifier = (arch: Arch): ClassificationConfig =>
  imagenetClassifier(
    { type: 'MobileOne', arch },
    { type: 'LinearClsHead', num_classes: 1000 },
    { crop: 224, edge: arch === 's0' ? 256 : 248, interpolation: 'bilinear' },
  );
const detector = (arch: Arch): DetectionConfig => retinanetFpnCoco({ type: 'MobileOne', arch });
const segmentor = (arch: Arch): SegmentationConfig => semFpnAde20k({ type: 'MobileOne', arch });

export const mobileoneConfigs = {
  'mobileone-s0_in1k': classifier('s0'),
  'mobileone-s1_in1k': classifier('s1'),
  'mobileone-s2_in1k': classifier('s2'),
  'mobileone-s3_in1k': classifier('s3'),
  'mobileone-s4_in1k': classifier('s4'),
  'retinanet_mobileone-s0_fpn_1x_coco': detector('s0'),
  'retinanet_mobileone-s1_fpn_1x_coco': detector('s1'),
  'retinanet_mobileone-s2_fpn_1x_coco': detector('s2'),
  'retinanet_mobileone-s3_fpn_1x_coco': detector('s3'),
  'retinanet_mobileone-s4_fpn_1x_coco': detector('s4'),
  'sem-fpn_mobileone-s0_40k_ade20k-512x512': segmentor('s0'),
  'sem-fpn_mobileone-s1_40k_ade20k-512x512': segmentor('s1'),
  'sem-fpn_mobileone-s2_40k_ade20k-512x512': segmentor('s2'),
  'sem-fpn_mobileone-s3_40k_ade20k-512x512': segmentor('s3'),
  'sem-fpn_mobileone-s4_40k_ade20k-512x512': segmentor('s4'),
} as const;
