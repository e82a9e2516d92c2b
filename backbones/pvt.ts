/**
 * PVT (Wang, Xie, Li, Fan, Song, Liang, Lu, Luo, Shao, "Pyramid Vision Transformer: A Versatile Backbone for Dense Prediction
 * without Convolutions", ICCV 2021, arXiv 2102.12122), in mmdet's form and with its parameter names.
 */
import { z } from 'zod';
import { sideLength } from '../core/bounded_numbers.js';
import { defineBackbone } from '../registry/define.js';
import { perStage, pyramidCheckpoint, pyramidFeatures, pyramidKeys, pyramidTrainingKeys } from './pvt_stages.js';

const schema = z.strictObject({
  ...pyramidKeys,
  pretrain_img_size: z
    .union([sideLength, z.tuple([sideLength]), z.tuple([sideLength, sideLength])])
    .default(224)
    .describe('side, or height and width, of the pictures that the positions were learned on'),
  patch_sizes: perStage(z.int().positive().max(64), [4, 2, 2, 2]).describe('kernels of the patch embeddings'),
  paddings: perStage(z.int().min(0).max(64), [0, 0, 0, 0]).describe('of the patch embeddings'),
  use_abs_pos_embed: z.boolean().default(true).describe('learned positions, resized to the size of each map'),
  norm_after_stage: z.boolean().default(false),
  use_conv_ffn: z.boolean().default(false).describe('a depthwise 3x3 in the feed-forward networks, as in v2'),
});

export const pvt = defineBackbone({
  type: 'PyramidVisionTransformer',
  schema,
  trainingKeys: pyramidTrainingKeys,
  checkpoint: {
    ...pyramidCheckpoint,
    // The authors' classifiers read a class token in the last stage, which is none of these maps: inside a stage that lacks
    // it the token is a layer too many, so that no classifier is filled whose numbers would be others.
    names: [...pyramidCheckpoint.names, { pattern: /^cls_token$/, replacement: 'block4.cls_token' }],
  },

  /**
   * [N, 3, H, W] -> C2 to C5 [N, C_i, H/s_i, W/s_i], rounded down, at strides 4, 8, 16, 32 (those that `out_indices` names)
   * unless `strides` and `paddings` say otherwise.
   */
  build(g, input, { pretrain_img_size: size, use_abs_pos_embed, ...config }) {
    const [height, width = height] = typeof size === 'number' ? [size] : size;
    return pyramidFeatures(
      g,
      input,
      {
        type: 'PyramidVisionTransformer',
        patchSizes: config.patch_sizes,
        paddings: config.paddings,
        normAfterStage: config.norm_after_stage,
        depthwise: config.use_conv_ffn,
        ...(use_abs_pos_embed ? { pretrainSize: [height, width] } : {}),
      },
      config,
    );
  },
});
