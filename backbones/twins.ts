/**
 * Twins-PCPVT and Twins-SVT (Chu et al., "Twins: Revisiting the Design of Spatial Attention in Vision Transformers", NeurIPS
 * 2021, arXiv 2104.13840), with the keys and parameter names of mmseg 1's PCPVT and SVT.
 */
import { z } from 'zod';
import { blockCount, channelCount } from '../core/bounded_numbers.js';
import { TRANSFORMER_START } from '../layers/transformer_start.js';
import { defineBackbone } from '../registry/define.js';
import { packedStart, perStage, smallPerStage, twinsFeatures, twinsKeys, twinsTrainingKeys } from './twins_stages.js';

export const pcpvt = defineBackbone({
  type: 'PCPVT',
  schema: z.strictObject(twinsKeys),
  trainingKeys: twinsTrainingKeys,
  checkpoint: { initial: packedStart, initCfg: () => TRANSFORMER_START },

  /** [N, 3, H, W] -> C_i [N, embed_dims_i, H/s_i, W/s_i], rounded up: every block attends to a coarser map. */
  build: (g, input, config) => twinsFeatures('PCPVT', g, input, config),
});

export const svt = defineBackbone({
  type: 'SVT',
  schema: z.strictObject({
    ...twinsKeys,
    embed_dims: perStage(channelCount, [64, 128, 256]),
    num_heads: smallPerStage([1, 2, 4]),
    mlp_ratios: smallPerStage([4, 4, 4]),
    depths: perStage(blockCount, [4, 4, 4]),
    sr_ratios: smallPerStage([4, 2, 1]),
    windiow_sizes: smallPerStage([7, 7, 7]).describe('sides of the windows, spelt as in mmseg'),
    norm_after_stage: z.boolean().default(true),
  }),
  trainingKeys: twinsTrainingKeys,
  checkpoint: { initial: packedStart, initCfg: () => TRANSFORMER_START },

  /** As PCPVT, but from the first on every second block attends inside windows. */
  build: (g, input, config) => twinsFeatures('SVT', g, input, config, config.windiow_sizes),
});
