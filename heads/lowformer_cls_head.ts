/**
 * The classifier of the official LowFormer code (`ClsHead`): 1x1 convolution, mean over all pixels, two linear layers.
 * Parameter names `op_list.0`, `op_list.2`, `op_list.3`.
 */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import { decodeClassification } from '../decoding/classification.js';
import { lastFeature } from '../layers/last_feature.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: classCount.default(1000),
  in_channels: channelCount.optional().describe('checked against the backbone when given'),
  widths: z.tuple([channelCount, channelCount]).readonly().default([1536, 1600]),
});

export const lowformerClsHead = defineClassificationHead({
  type: 'LowFormerClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg', 'dropout'],
  checkpoint: {
    // The official code called the list of layers `opseq` once, around `op_list`.
    names: [{ pattern: /^opseq\./, replacement: '' }],
    classLayers: ['op_list.3.linear'],
  },

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, widths: [convolved, hidden], in_channels }) {
    const value = lastFeature('LowFormerClsHead', inputs, in_channels);
    const head = g.scope('op_list');
    const wide = head
      .scope('0.norm')
      .batchNorm(head.scope('0.conv').conv(value, { out: convolved, kernel: 1, bias: false }));
    const pooled = g.emit('globalAveragePool', [g.emit('hardswish', [wide], {})], {});
    const narrow = head.scope('2.norm').layerNorm(head.scope('2.linear').linear(pooled, { out: hidden, bias: false }));
    const logits = head.scope('3.linear').linear(g.emit('hardswish', [narrow], {}), { out: num_classes });
    return [{ name: 'logits', value: logits }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('LowFormerClsHead', num_classes),
});
