/** The classifier of the public FAT code: group norm over everything, mean over all pixels, a linear layer (`norm`, and the head's own `weight` and `bias`). */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import { decodeClassification } from '../decoding/classification.js';
import { lastFeature } from '../layers/last_feature.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: classCount.default(1000),
  in_channels: channelCount.optional().describe('checked against the backbone when given'),
});

export const fatClsHead = defineClassificationHead({
  type: 'FATClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg'],
  checkpoint: { classLayers: ['weight', 'bias'] },

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, in_channels }) {
    const normal = g.scope('norm').groupNorm(lastFeature('FATClsHead', inputs, in_channels), 1);
    const logits = g.linear(g.emit('globalAveragePool', [normal], {}), { out: num_classes });
    return [{ name: 'logits', value: logits }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('FATClsHead', num_classes),
});
