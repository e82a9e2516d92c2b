/**
 * EfficientViT's classifier, with timm's parameter names: 1x1 convolution (`in_conv`), mean over all pixels, two linear
 * layers with a layer norm between them (`classifier`).
 */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import { decodeClassification } from '../decoding/classification.js';
import { lastFeature } from '../layers/last_feature.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: classCount.default(1000),
  in_channels: channelCount.optional().describe('checked against the backbone when given'),
  widths: z
    .tuple([channelCount, channelCount])
    .readonly()
    .default([1536, 1600])
    .describe('channels before and after the mean; B0 1024 and 1280, B1 1536 and 1600, B2 and B3 2304 and 2560'),
});

export const efficientvitClsHead = defineClassificationHead({
  type: 'EfficientViTClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg', 'dropout'],
  checkpoint: { classLayers: ['classifier.4'] },

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, widths: [convolved, hidden], in_channels }) {
    const value = lastFeature('EfficientViTClsHead', inputs, in_channels);
    const convolution = g.scope('in_conv.conv').conv(value, { out: convolved, kernel: 1, bias: false });
    const wide = g.emit('hardswish', [g.scope('in_conv.norm').batchNorm(convolution)], {});
    const pooled = g.emit('globalAveragePool', [wide], {});
    const classifier = g.scope('classifier');
    const narrow = classifier.scope('1').layerNorm(classifier.scope('0').linear(pooled, { out: hidden, bias: false }));
    const logits = classifier.scope('4').linear(g.emit('hardswish', [narrow], {}), { out: num_classes });
    return [{ name: 'logits', value: logits }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('EfficientViTClsHead', num_classes),
});
