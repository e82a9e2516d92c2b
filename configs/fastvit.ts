/**
 * FastViT T8 to SA24 (arXiv 2303.14189): ImageNet classifiers at 256x256, and with them as backbones RetinaNet on COCO and
 * Semantic FPN on ADE20K, as LowFormer's are. Pictures as timm evaluates `fastvit_t8.apple_in1k`: crop ratio 0.9, bicubic.
 * Top-1 as the authors' repository reports it, without distillation, in percent: T8 76.2, T12 79.3, S12 79.9, SA12 80.9,
 * SA24 82.7.
 *
 * `lowformer classify fastvit-sa12_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

type Arch = 't8' | 't12' | 's12' | 'sa12' | 'sa24';

const classifier = (arch: Arch): ClassificationConfig =>
  imagenetClassifier(
    { type: 'FastViT', arch },
    { type: 'FastViTClsHead', num_classes: 1000 },
    { crop: 256, edge: 284, interpolation: 'bicubic' },
  );
const detector = (arch: Arch): DetectionConfig => retinanetFpnCoco({ type: 'FastViT', arch });
const segmentor = (arch: Arch): SegmentationConfig => semFpnAde20k({ type: 'FastViT', arch });

export const fastvitConfigs = {
  'fastvit-t8_in1k': classifier('t8'),
  'fastvit-t12_in1k': classifier('t12'),
  'fastvit-s12_in1k': classifier('s12'),
  'fastvit-sa12_in1k': classifier('sa12'),
  'fastvit-sa24_in1k': classifier('sa24'),
  'retinanet_fastvit-t8_fpn_1x_coco': detector('t8'),
  'retinanet_fastvit-t12_fpn_1x_coco': detector('t12'),
  'retinanet_fastvit-s12_fpn_1x_coco': detector('s12'),
  'retinanet_fastvit-sa12_fpn_1x_coco': detector('sa12'),
  'retinanet_fastvit-sa24_fpn_1x_coco': detector('sa24'),
  'sem-fpn_fastvit-t8_40k_ade20k-512x512': segmentor('t8'),
  'sem-fpn_fastvit-t12_40k_ade20k-512x512': segmentor('t12'),
  'sem-fpn_fastvit-s12_40k_ade20k-512x512': segmentor('s12'),
  'sem-fpn_fastvit-sa12_40k_ade20k-512x512': segmentor('sa12'),
  'sem-fpn_fastvit-sa24_40k_ade20k-512x512': segmentor('sa24'),
} as const;
