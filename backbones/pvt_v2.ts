/**
 * PVT v2 (Wang, Xie, Li, Fan, Song, Liang, Lu, Luo, Shao, "PVT v2: Improved Baselines with Pyramid Vision Transformer",
 * Computational Visual Media 2022, arXiv 2106.13797), in mmdet's form and with its parameter names.
 */
import { z } from 'zod';
import { defineBackbone } from '../registry/define.js';
import { pyramidCheckpoint, pyramidFeatures, pyramidKeys, pyramidTrainingKeys } from './pvt_stages.js';

const schema = z.strictObject(pyramidKeys);

export const pvtV2 = defineBackbone({
  type: 'PyramidVisionTransformerV2',
  schema,
  // There are no learned positions, whose number the size of the pictures in pretraining would say.
  trainingKeys: [...pyramidTrainingKeys, 'pretrain_img_size'],
  checkpoint: pyramidCheckpoint,

  /** [N, 3, H, W] -> C2 to C5 [N, C_i, ceil(H/s_i), ceil(W/s_i)] at strides 4, 8, 16, 32 (those that `out_indices` names). */
  build(g, input, config) {
    // Patches overlap, and the zeros around the depthwise convolutions tell where a pixel is (section 3.2 and 3.3).
    const form = { type: 'PyramidVisionTransformerV2', patchSizes: [7, 3, 3, 3], paddings: [3, 1, 1, 1] };
    return pyramidFeatures(g, input, { ...form, normAfterStage: true, depthwise: true }, config);
  },
});
