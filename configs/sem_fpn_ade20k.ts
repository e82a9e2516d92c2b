import type { BackboneConfig } from '../backbones/index.js';
import type { SegmentationConfig } from '../tasks/config.js';
import { semFpn } from './sem_fpn.js';

/** Semantic FPN, ADE20K, 40,000 steps of 512x512 crops: pictures resized into 2048x512, not padded. */
export const semFpnAde20k = (backbone: BackboneConfig): SegmentationConfig => semFpn({ backbone });
