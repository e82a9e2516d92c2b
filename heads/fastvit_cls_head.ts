/**
 * FastViT's classifier (arXiv 2303.14189, section 3.3), as timm names it: a MobileOne block `final_conv` that doubles the
 * channels, with squeeze and excitation, then the mean over all pixels and one linear layer `fc`.
 */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import { decodeClassification } from '../decoding/classification.js';
import { lastFeature } from '../layers/last_feature.js';
import { inferenceModeSchema, mobileOneBranches, mobileOneForm } from '../layers/mobileone_block.js';
import { squeezeExcite } from '../layers/squeeze_excite.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: classCount.default(1000),
  in_channels: channelCount.optional().describe('checked against the backbone when given'),
  inference_mode: inferenceModeSchema,
});

export const fastvitClsHead = defineClassificationHead({
  type: 'FastViTClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg', 'dropout'],
  checkpoint: { classLayers: ['fc'], form: mobileOneForm },

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, in_channels, inference_mode: fused }) {
    const x = lastFeature('FastViTClsHead', inputs, in_channels);
    const final = g.scope('final_conv');
    // Made before the branches, and before them in the state_dict.
    final.reserve('se');
    const options = { out: 2 * x.channels, kernel: 3, stride: 1, groups: x.channels, branches: 1, fused };
    const excited = squeezeExcite(final.scope('se'), mobileOneBranches(final, x, options));
    const activated = g.emit('gelu', [excited], { approximate: 'none' });
    const pooled = g.emit('globalAveragePool', [activated], {});
    return [{ name: 'logits', value: g.scope('fc').linear(pooled, { out: num_classes }) }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('FastViTClsHead', num_classes),
});
