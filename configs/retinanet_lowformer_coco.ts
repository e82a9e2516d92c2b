/**
 * RetinaNet on LowFormer, COCO, mmdet's 1x schedule (12 epochs), as in the LowFormer paper's detection table
 * (arXiv 2409.03460, section 5): pictures resized into 1333x800, padded to multiples of 32.
 *
 * The authors have published how their classifiers are trained, and not their detectors: optimiser and schedule are those
 * of mmdet's RetinaNet on PVT, to which such backbones are compared.
 *
 * `lowformer train retinanet_lowformer-b1_fpn_1x_coco --checkpoint CLASSIFIER --work-dir DIR`
 * `lowformer detect retinanet_lowformer-b1_fpn_1x_coco --checkpoint FILE pictures/`
 */
import type { DetectionConfig } from '../tasks/config.js';
import { retinanetFpnCoco } from './retinanet_fpn_coco.js';

const detector = (arch: 'b0' | 'b1' | 'b15' | 'b2' | 'b3' | 'E1' | 'E2' | 'E3'): DetectionConfig =>
  retinanetFpnCoco({ type: 'LowFormer', arch });

export const retinanetLowformerCoco = {
  'retinanet_lowformer-b0_fpn_1x_coco': detector('b0'),
  'retinanet_lowformer-b1_fpn_1x_coco': detector('b1'),
  'retinanet_lowformer-b15_fpn_1x_coco': detector('b15'),
  'retinanet_lowformer-b2_fpn_1x_coco': detector('b2'),
  'retinanet_lowformer-b3_fpn_1x_coco': detector('b3'),
  'retinanet_lowformer-e1_fpn_1x_coco': detector('E1'),
  'retinanet_lowformer-e2_fpn_1x_coco': detector('E2'),
  'retinanet_lowformer-e3_fpn_1x_coco': detector('E3'),
} as const;
