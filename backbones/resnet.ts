/**
 * ResNet (He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv 1512.03385), in the forms
 * of mmdet 3 and mmseg 1: `pytorch` style is torchvision's, whose parameter names these are too, `caffe` style the
 * authors' own. Dilated, it is the backbone of DeepLab and PSPNet.
 */
import { z } from 'zod';
import { defineBackbone } from '../registry/define.js';
import { RESNET_SIZES, resnetKeys, resnetStart, resnetTrainingKeys, variantKeys } from './resnet_keys.js';
import { resnetFeatures } from './resnet_stages.js';

const schema = z.strictObject({ depth: z.literal(RESNET_SIZES), ...resnetKeys, ...variantKeys });

export const resnet = defineBackbone({
  type: 'ResNet',
  schema,
  trainingKeys: resnetTrainingKeys,
  checkpoint: { places: ['backbone.body.'], sizes: { depth: RESNET_SIZES }, initCfg: resnetStart },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build: (g, input, config) => resnetFeatures(g, input, 'ResNet', config),
});
