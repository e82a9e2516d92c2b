import type { BackboneConfig } from '../backbones/index.js';
import type { SegmentationConfig } from '../tasks/config.js';
import { ADE20K_RECIPE } from './ade20k_recipe.js';
import { semFpn } from './sem_fpn.js';

/**
 * Semantic FPN, ADE20K, 40,000 steps of 512x512 crops: pictures resized into 2048x512, not padded; with the whole recipe of
 * its training. Training starts from an ImageNet classifier's weights:
 * `lowformer train NAME --checkpoint CLASSIFIER.pth --work-dir DIR`.
 */
export const semFpnAde20k = (backbone: BackboneConfig): SegmentationConfig => ({
  ...semFpn({ backbone }),
  ...ADE20K_RECIPE,
});
