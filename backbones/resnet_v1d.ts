/**
 * ResNet with three 3x3 convolutions in its stem and averaged shortcuts (He, T. et al., "Bag of Tricks for Image
 * Classification with Convolutional Neural Networks", CVPR 2019, arXiv 1812.01187, figures 2b and 2c): the ResNetV1d of
 * mmdet and mmseg.
 */
import { z } from 'zod';
import { defineBackbone } from '../registry/define.js';
import { deepStemNames, RESNET_SIZES, resnetKeys, resnetStart, resnetTrainingKeys } from './resnet_keys.js';
import { resnetFeatures } from './resnet_stages.js';

export const resnetV1d = defineBackbone({
  type: 'ResNetV1d',
  schema: z.strictObject({ depth: z.literal(RESNET_SIZES), ...resnetKeys }),
  trainingKeys: resnetTrainingKeys,
  checkpoint: { names: deepStemNames, sizes: { depth: RESNET_SIZES }, initCfg: resnetStart },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build: (g, input, config) => resnetFeatures(g, input, 'ResNetV1d', { ...config, deep_stem: true, avg_down: true }),
});
