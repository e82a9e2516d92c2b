import type { BackboneConfig } from '../backbones/index.js';
import type { DetectionConfig } from '../tasks/config.js';
import { retinanetFpn } from './retinanet_fpn.js';

/**
 * RetinaNet with an FPN from C3 to P7, COCO, mmdet's 1x schedule (12 epochs): pictures resized into 1333x800, padded to
 * multiples of 32.
 */
export const retinanetFpnCoco = (backbone: BackboneConfig): DetectionConfig => retinanetFpn({ backbone });
