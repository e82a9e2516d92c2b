/** Modules are filled as mmdet, mmcv and timm fill theirs: test/fixtures/training/make_start.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildModel } from '../../../tasks/build_model.js';
import { freshWeights } from '../../../training/start/fresh_weights.js';

const statistics = z.tuple([z.number(), z.number(), z.number()]);
const reference = z
  .record(z.string(), z.record(z.string(), statistics))
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/training/start.json', import.meta.url), 'utf8')));

const FPN = { type: 'FPN', out_channels: 64, start_level: 1, num_outs: 5, add_extra_convs: 'on_input' };
const RETINA = { type: 'RetinaHead', num_classes: 20, feat_channels: 64, stacked_convs: 1 };
const ANCHORS = { type: 'AnchorGenerator', ratios: [1], octave_base_scale: 8, scales_per_octave: 1 };
const ATSS = { ...RETINA, type: 'ATSSHead', anchor_generator: { ...ANCHORS, strides: [8, 16, 32, 64, 128] } };
const NORM = { type: 'GN', num_groups: 32, requires_grad: true };
const RESNET = { type: 'ResNet', depth: 18 };
const detector = (backbone: object, bbox_head: object = RETINA) => ({
  type: 'RetinaNet',
  backbone,
  neck: FPN,
  bbox_head,
});
const segmentor = {
  type: 'EncoderDecoder',
  backbone: RESNET,
  neck: { type: 'FPN', out_channels: 64, num_outs: 4 },
  decode_head: { type: 'FPNHead', num_classes: 150, channels: 64, norm_cfg: { type: 'BN' } },
};

const MODELS = {
  ResNet: [detector(RESNET), 'backbone.'],
  ResNetBottleneck: [detector({ type: 'ResNet', depth: 50, base_channels: 16 }), 'backbone.'],
  PyramidVisionTransformer: [detector({ type: 'PyramidVisionTransformer', num_layers: [1, 1, 1, 1] }), 'backbone.'],
  FPN: [detector(RESNET), 'neck.'],
  RetinaHead: [detector(RESNET), 'bbox_head.'],
  ATSSHead: [detector(RESNET, { ...ATSS, norm_cfg: NORM }), 'bbox_head.'],
  FPNHead: [segmentor, 'decode_head.'],
  ConvNeXt: [detector({ type: 'ConvNeXt', arch: 'atto' }), 'backbone.'],
} as const;

describe.each(Object.entries(MODELS))('%s', (name, [tree, prefix]) => {
  const model = buildModel(tree);
  const fresh = freshWeights(model, 3);
  const expected = reference[name] ?? {};
  const parameters = [...model.wholeGraph.parameters.values()].filter(({ kind, name: own }) => {
    return kind === 'parameter' && own.startsWith(prefix) && Object.hasOwn(expected, own.slice(prefix.length));
  });

  test('parameters are found under their names', () => {
    expect(parameters.length).toBeGreaterThan(0.8 * Object.keys(expected).length);
  });

  test.each(parameters.map((parameter) => [parameter.name, parameter.shape] as const))('%s', (own, shape) => {
    const { data } = fresh(own, shape);
    const [mean, std, most] = expected[own.slice(prefix.length)] ?? [Number.NaN, Number.NaN, Number.NaN];
    const ownMean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const ownStd = Math.sqrt(data.reduce((sum, value) => sum + (value - ownMean) ** 2, 0) / data.length);
    if (std === 0) {
      expect(data.every((value) => Math.abs(value - mean) <= 1e-3 * Math.max(1e-6, Math.abs(mean)))).toBe(true);
      return;
    }
    // Both are samples: six standard errors of each.
    const sampled = 6 * Math.sqrt(2 / data.length);
    expect(Math.abs(ownMean - mean)).toBeLessThan(sampled * std + 1e-6);
    expect(Math.abs(ownStd / std - 1)).toBeLessThan(sampled + 2e-3);
    // Uniform values end where normal ones go on.
    const largest = data.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0);
    if (data.length > 2000) expect(largest / ownStd < 2).toBe(most / std < 2);
  });
});
