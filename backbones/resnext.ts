/**
 * ResNeXt (Xie, Girshick, Dollár, Tu, He, "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017, arXiv
 * 1611.05431), in the forms of mmdet 3 and mmseg 1: ResNet whose 3x3 convolutions have groups. Names are torchvision's.
 */
import { z } from 'zod';
import { channelCount } from '../core/bounded_numbers.js';
import { LowformerError } from '../core/errors.js';
import { defineBackbone } from '../registry/define.js';
import { resnetKeys, resnetStart, resnetTrainingKeys, variantKeys } from './resnet_keys.js';
import { resnetFeatures } from './resnet_stages.js';

const depths = [50, 101, 152] as const;

const schema = z.strictObject({
  depth: z.literal(depths),
  groups: channelCount.describe('no default: without it mmdet has 1, mmpretrain 32'),
  base_width: channelCount.optional().describe('channels of a group in the first stage; 4 when absent'),
  width_per_group: channelCount.optional().describe("mmpretrain's and torchvision's name of base_width"),
  ...resnetKeys,
  ...variantKeys,
});

export const resnext = defineBackbone({
  type: 'ResNeXt',
  schema,
  trainingKeys: resnetTrainingKeys,
  checkpoint: { sizes: { depth: depths }, initCfg: resnetStart },

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, { groups, base_width, width_per_group, ...config }) {
    const baseWidth = base_width ?? width_per_group ?? 4;
    if (width_per_group !== undefined && width_per_group !== baseWidth) {
      const expected = `${baseWidth}, which base_width says`;
      const where = 'ResNeXt.width_per_group';
      throw new LowformerError({ code: 'invalid-config', where, expected, received: width_per_group });
    }
    return resnetFeatures(g, input, 'ResNeXt', config, { groups, baseWidth });
  },
});
