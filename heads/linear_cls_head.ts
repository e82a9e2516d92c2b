/**
 * mmpretrain's LinearClsHead, with the pooling that mmpretrain puts before it: mean over all pixels, one linear layer
 * `fc`. ResNet's classifier in torchvision and timm, and MobileOne's in timm, are the same.
 */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import { decodeClassification } from '../decoding/classification.js';
import { lastFeature } from '../layers/last_feature.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: classCount.default(1000),
  in_channels: channelCount.optional().describe('checked against the backbone when given'),
});

export const linearClsHead = defineClassificationHead({
  type: 'LinearClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg', 'dropout'],
  // A classifier whose only layer is called `head` has no `fc` in it: timm's and the authors' transformers.
  checkpoint: { classLayers: ['fc'], names: [{ pattern: /^(weight|bias)$/, replacement: 'fc.$1' }] },

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, in_channels }) {
    const pooled = g.emit('globalAveragePool', [lastFeature('LinearClsHead', inputs, in_channels)], {});
    return [{ name: 'logits', value: g.scope('fc').linear(pooled, { out: num_classes }) }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('LinearClsHead', num_classes),
});
