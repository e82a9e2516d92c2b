/**
 * ConvNeXt's classifier (arXiv 2201.03545), as timm names it (NormMlpClassifierHead): mean over all pixels, layer norm
 * `norm`, linear layer `fc`; with `head_norm_first` a norm `norm_pre` of every pixel before the mean instead.
 */
import { z } from 'zod';
import { channelCount, classCount } from '../core/bounded_numbers.js';
import { decodeClassification } from '../decoding/classification.js';
import { lastFeature } from '../layers/last_feature.js';
import { defineClassificationHead } from '../registry/define.js';

const schema = z.strictObject({
  num_classes: classCount.default(1000),
  in_channels: channelCount.optional().describe('checked against the backbone when given'),
  head_norm_first: z.boolean().default(false).describe("the norm before the mean: timm's `_hnf`"),
});

const EPSILON = 1e-6;

export const convnextClsHead = defineClassificationHead({
  type: 'ConvNeXtClsHead',
  schema,
  testSchema: z.strictObject({}).prefault({}),
  trainingKeys: ['loss', 'topk', 'cal_acc', 'init_cfg', 'train_cfg', 'dropout'],
  checkpoint: {
    // The authors' classifiers have the linear layer as `head`; their `norm` lacks a prefix, and gets this head's.
    names: [{ pattern: /^(?=weight$|bias$)/, replacement: 'fc.' }],
    classLayers: ['fc'],
  },

  /** C5 [N, C, H/32, W/32] -> `logits` [N, num_classes]. */
  build(g, inputs, { num_classes, in_channels, head_norm_first }) {
    const value = lastFeature('ConvNeXtClsHead', inputs, in_channels);
    const features = head_norm_first
      ? g.emit('globalAveragePool', [g.scope('norm_pre').layerNorm(value, EPSILON)], {})
      : g.scope('norm').layerNorm(g.emit('globalAveragePool', [value], {}), EPSILON);
    return [{ name: 'logits', value: g.scope('fc').linear(features, { out: num_classes }) }];
  },
  numClasses: ({ num_classes }) => num_classes,
  decoder: ({ num_classes }) => decodeClassification('ConvNeXtClsHead', num_classes),
});
