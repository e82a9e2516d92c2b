import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { resnet } from '../../backbones/resnet.js';
import { graphBuilder } from '../../graph/builder.js';
import { countParameters } from '../../graph/count.js';
import { buildModel } from '../../tasks/build_model.js';
import { describePeer } from './peer_parity.js';

/** Basic blocks, a stem of other channels than the first stage, and sizes that are no multiples of 32. */
describePeer('resnet18_narrow_odd', {
  backbone: { type: 'ResNet', depth: 18, stem_channels: 64, base_channels: 8 },
  head: { type: 'LinearClsHead', num_classes: 10 },
});

/** Parameters of torchvision's classifiers, which its documentation lists. */
test.each([
  [18, 11_689_512],
  [34, 21_797_672],
  [50, 25_557_032],
  [101, 44_549_160],
  [152, 60_192_808],
])('ResNet-%d has as many parameters as torchvision’s', (depth, parameters) => {
  const model = { type: 'ImageClassifier', backbone: { type: 'ResNet', depth }, head: { type: 'LinearClsHead' } };
  expect(countParameters(buildModel(model).wholeGraph)).toBe(parameters);
});

/** The model of mmdet's retinanet_r50_fpn.py, as `Config.dump` writes it. */
const RETINANET_R50 = {
  type: 'RetinaNet',
  data_preprocessor: {
    type: 'DetDataPreprocessor',
    mean: [123.675, 116.28, 103.53],
    std: [58.395, 57.12, 57.375],
    bgr_to_rgb: true,
    pad_size_divisor: 32,
  },
  backbone: {
    type: 'ResNet',
    depth: 50,
    num_stages: 4,
    out_indices: [0, 1, 2, 3],
    frozen_stages: 1,
    norm_cfg: { type: 'BN', requires_grad: true },
    norm_eval: true,
    style: 'pytorch',
    init_cfg: { type: 'Pretrained', checkpoint: 'torchvision://resnet50' },
  },
  neck: {
    type: 'FPN',
    in_channels: [256, 512, 1024, 2048],
    out_channels: 256,
    start_level: 1,
    add_extra_convs: 'on_input',
    num_outs: 5,
  },
  bbox_head: {
    type: 'RetinaHead',
    num_classes: 80,
    in_channels: 256,
    stacked_convs: 4,
    feat_channels: 256,
    anchor_generator: {
      type: 'AnchorGenerator',
      octave_base_scale: 4,
      scales_per_octave: 3,
      ratios: [0.5, 1, 2],
      strides: [8, 16, 32, 64, 128],
    },
    bbox_coder: { type: 'DeltaXYWHBBoxCoder', target_means: [0, 0, 0, 0], target_stds: [1, 1, 1, 1] },
    loss_cls: { type: 'FocalLoss', use_sigmoid: true, gamma: 2, alpha: 0.25, loss_weight: 1 },
    loss_bbox: { type: 'L1Loss', loss_weight: 1 },
  },
  train_cfg: { allowed_border: -1, pos_weight: -1, debug: false },
  test_cfg: {
    nms_pre: 1000,
    min_bbox_size: 0,
    score_thr: 0.05,
    nms: { type: 'nms', iou_threshold: 0.5 },
    max_per_img: 100,
  },
};

test('mmdet’s RetinaNet on ResNet-50 builds as it is, with mmdet’s 37.97 M parameters for 80 classes', () => {
  const model = buildModel(RETINANET_R50);
  expect(countParameters(model.wholeGraph)).toBe(37_968_692);
  expect(model.unused).toEqual(
    expect.arrayContaining(['init_cfg', 'frozen_stages', 'norm_eval'].map((key) => `model.backbone.${key}`)),
  );
});

test('mmpretrain’s ResNet-50 classifier builds as it is, its pooling being the head’s', () => {
  const model = buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'ResNet', depth: 50, num_stages: 4, out_indices: [3], style: 'pytorch' },
    neck: { type: 'GlobalAveragePooling' },
    head: {
      type: 'LinearClsHead',
      num_classes: 1000,
      in_channels: 2048,
      loss: { type: 'CrossEntropyLoss', loss_weight: 1 },
      topk: [1, 5],
    },
  });
  expect(countParameters(model.wholeGraph)).toBe(25_557_032);
  expect(model.unused).toEqual(['model.head.loss', 'model.head.topk']);
});

describe('forms', () => {
  const build = (config: z.input<typeof resnet.schema>) => {
    const g = graphBuilder();
    const features = resnet.build(g, g.input('input', 3), resnet.schema.parse(config));
    return features.map(({ value, stride }) => [value.channels, Number(stride)]);
  };
  const backboneError = (backbone: object) => () =>
    buildModel({ ...RETINANET_R50, backbone: { ...RETINANET_R50.backbone, ...backbone } });

  test('two stages of a narrow network', () => {
    const config = { depth: 50, base_channels: 4, num_stages: 2, out_indices: [0, 1], strides: [1, 2] } as const;
    expect(build(config)).toEqual([
      [16, 4],
      [32, 8],
    ]);
  });

  test('a dilated network has its stride to the end, and features that are told apart', () => {
    const { features } = buildModel({
      type: 'ImageClassifier',
      backbone: { type: 'ResNet', depth: 18, base_channels: 4, strides: [1, 2, 1, 1], dilations: [1, 1, 2, 4] },
      head: { type: 'LinearClsHead', num_classes: 2 },
    });
    expect(features.map(({ name, stride }) => [name, Number(stride)])).toEqual([
      ['c2', 4],
      ['c3', 8],
      ['c4', 8],
      ['c5', 8],
    ]);
  });

  test.each([
    [{ style: 'tensorflow' }, /model\.backbone\.style: expected .*'caffe'.* received 'tensorflow'/],
    [{ depth: 51 }, /model\.backbone\.depth: expected .*50/],
    [{ dcn: { type: 'DCN' } }, /model\.backbone\.dcn: expected null/],
    [{ strides: [1, 2, 2] }, /model\.backbone\.strides: expected 4 numbers, one a stage/],
    [{ strides: [1, 2, 2, 0] }, /model\.backbone\.strides.*: expected/],
    [{ dilations: [1, 1, 1, 2, 4] }, /model\.backbone\.dilations/],
    [{ multi_grid: [1, 2] }, /model\.backbone\.multi_grid: expected 3 numbers, one a block of the last stage/],
    [{ type: 'ResNetV1c', deep_stem: false }, /model\.backbone\.deep_stem: expected one of the keys/],
    [{ type: 'ResNeXt', base_width: 4 }, /model\.backbone\.groups: expected/],
    [
      { type: 'ResNeXt', groups: 32, base_width: 4, width_per_group: 8 },
      /model\.backbone\.width_per_group: expected 4/,
    ],
    [{ type: 'ResNeXt', groups: 32, depth: 18 }, /model\.backbone\.depth: expected .*50/],
    [{ num_stages: 3 }, /model\.backbone\.out_indices: expected indices of stages, 0 to 2/],
    [{ norm_cfg: { type: 'GN', num_groups: 32 } }, /model\.backbone\.norm_cfg/],
  ])('%j is refused, by name', (change, message) => {
    expect(backboneError(change)).toThrow(message);
  });
});
