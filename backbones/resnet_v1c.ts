/**
 * ResNet with three 3x3 convolutions in its stem (He, T. et al., "Bag of Tricks for Image Classification with
 * Convolutional Neural Networks", CVPR 2019, arXiv 1812.01187, figure 2b): mmseg's ResNetV1c, the backbone of most of its
 * networks.
 */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import { defineBackbone } from '../registry/define.js';
import { deepStemNames, RESNET_SIZES, resnetKeys, resnetStart, resnetTrainingKeys } from './resnet_keys.js';
import { resnetFeatures } from './resnet_stages.js';

export const resnetV1c = defineBackbone({
  type: 'ResNetV1c',
  schema: z.strictObject({
    depth: z.literal(RESNET_SIZES),
    ...resnetKeys,
    // The only one that mmseg alone has, where the stem does not follow base_channels.
    stem_channels: channelCount.default(64),
  }),
  trainingKeys: resnetTrainingKeys,
  checkpoint: { names: deepStemNames, sizes: { depth: RESNET_SIZES }, initCfg: resnetStart },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build: (g, input, config) => resnetFeatures(g, input, 'ResNetV1c', { ...config, deep_stem: true, avg_down: false }),
});
