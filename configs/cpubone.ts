/**
 * CPUBone (arXiv 2603.26425), by its published names: ImageNet classifiers at 224x224 (crop ratio 0.95, bicubic by Pillow's
 * rules), and with them as backbones RetinaNet on COCO and Semantic FPN on ADE20K. As the official repository reports it,
 * top-1 in percent: Nano 72.7, T0 74.9, S0 75.9, B0 77.6, B1 78.7, B2 80.3, B3 83.1; COCO AP: B0 37.5, B1 39.0, B2 40.4,
 * B3 42.9; ADE20K mIoU: B0 37.9, B1 39.2, B2 42.1, B3 44.1. The published B2 is called `b15` in the code and here.
 *
 * `lowformer classify cpubone-b0_in1k --checkpoint FILE pictures/`
 */
import type { ClassificationConfig, DetectionConfig, SegmentationConfig } from '../tasks/config.js';
import { imagenetClassifier } from './imagenet_classifier.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';
import { semFpnAde20k } from './sem_fpn_ade20k.js';

type Arch = 'nano' | 't0' | 's0' | 'b0' | 'b1' | 'b15' | 'b3';

/** The official head is wider for `b15`. */
const classifier = (arch: Arch): ClassificationConfig =>
  imagenetClassifier(
    { type: 'CPUBone', arch },
    { type: 'LowFormerClsHead', num_classes: 1000, widths: arch === 'b15' ? [2304, 2560] : [1536, 1600] },
    { crop: 224, edge: 236, interpolation: 'bicubic' },
  );
const detector = (arch: Arch): DetectionConfig => retinanetFpnCoco({ type: 'CPUBone', arch });
const segmentor = (arch: Arch): SegmentationConfig => semFpnAde20k({ type: 'CPUBone', arch });

export const cpuboneConfigs = {
  'cpubone-nano_in1k': classifier('nano'),
  'cpubone-t0_in1k': classifier('t0'),
  'cpubone-s0_in1k': classifier('s0'),
  'cpubone-b0_in1k': classifier('b0'),
  'cpubone-b1_in1k': classifier('b1'),
  'cpubone-b2_in1k': classifier('b15'),
  'cpubone-b3_in1k': classifier('b3'),
  'retinanet_cpubone-nano_fpn_1x_coco': detector('nano'),
  'retinanet_cpubone-t0_fpn_1x_coco': detector('t0'),
  'retinanet_cpubone-s0_fpn_1x_coco': detector('s0'),
  'retinanet_cpubone-b0_fpn_1x_coco': detector('b0'),
  'retinanet_cpubone-b1_fpn_1x_coco': detector('b1'),
  'retinanet_cpubone-b2_fpn_1x_coco': detector('b15'),
  'retinanet_cpubone-b3_fpn_1x_coco': detector('b3'),
  'sem-fpn_cpubone-nano_40k_ade20k-512x512': segmentor('nano'),
  'sem-fpn_cpubone-t0_40k_ade20k-512x512': segmentor('t0'),
  'sem-fpn_cpubone-s0_40k_ade20k-512x512': segmentor('s0'),
  'sem-fpn_cpubone-b0_40k_ade20k-512x512': segmentor('b0'),
  'sem-fpn_cpubone-b1_40k_ade20k-512x512': segmentor('b1'),
  'sem-fpn_cpubone-b2_40k_ade20k-512x512': segmentor('b15'),
  'sem-fpn_cpubone-b3_40k_ade20k-512x512': segmentor('b3'),
} as const;
