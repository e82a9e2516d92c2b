import type { BackboneConfig } from '../backbones/index.js';
import type { DetectionConfig } from '../tasks/config.js';
import { type COCO_OPTIMISERS, cocoRecipe } from './coco_recipe.js';
import { retinanetFpn } from './retinanet_fpn.js';

/**
 * RetinaNet with an FPN from C3 to P7, COCO, mmdet's 1x schedule (12 epochs): pictures resized into 1333x800, padded to
 * multiples of 32; with the whole recipe of its training. Training starts from an ImageNet classifier's weights:
 * `lowformer train NAME --checkpoint CLASSIFIER.pth --work-dir DIR`.
 */
export const retinanetFpnCoco = (
  backbone: BackboneConfig,
  optimiser: keyof typeof COCO_OPTIMISERS = 'adamw',
): DetectionConfig => ({
  ...retinanetFpn({ backbone, boxLoss: { type: 'L1Loss', loss_weight: 1 } }),
  ...cocoRecipe(optimiser),
});
