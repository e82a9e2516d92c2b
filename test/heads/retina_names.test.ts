/** mmdet's heads that are RetinaHead once trained, and RetinaNet of mmdet 1. */
import { describe, expect, test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';

const detector = (bbox_head: object) =>
  buildModel({
    type: 'RetinaNet',
    backbone: { type: 'ResNet', depth: 18, base_channels: 4 },
    neck: { type: 'FPN', out_channels: 8, start_level: 1, num_outs: 5, add_extra_convs: 'on_input' },
    bbox_head: { num_classes: 2, feat_channels: 8, stacked_convs: 1, ...bbox_head },
  });

describe.each([
  ['PISARetinaHead', {}],
  ['FreeAnchorRetinaHead', { pre_anchor_topk: 50, bbox_thr: 0.6, gamma: 2, alpha: 0.5 }],
])('%s', (type, training) => {
  test('is RetinaHead, but for what concerns training', () => {
    const [own, plain] = [detector({ type, ...training }), detector({ type: 'RetinaHead' })];
    expect(own.wholeGraph).toEqual(plain.wholeGraph);
    expect(own.unused).toEqual(Object.keys(training).map((key) => `model.bbox_head.${key}`));
    expect(own.checkpointFacts.at(-1)?.classLayers).toEqual(['retina_cls']);
  });

  test('is named in errors by its place', () => {
    expect(() => detector({ type, in_channels: 9 })).toThrow('model.bbox_head.in_channels: expected 8');
    expect(() => detector({ type, bbox_coder: { type: 'DistancePointBBoxCoder' } })).toThrow(
      'model.bbox_head.bbox_coder: expected a coder of boxes relative to boxes',
    );
  });
});

test('RetinaNet of mmdet 1 builds, with its anchors and its coder', () => {
  const anchors = { octave_base_scale: 4, scales_per_octave: 3, ratios: [0.5, 1, 2], strides: [8, 16, 32, 64, 128] };
  const model = detector({
    type: 'RetinaHead',
    anchor_generator: { type: 'LegacyAnchorGenerator', center_offset: 0.5, ...anchors },
    bbox_coder: { type: 'LegacyDeltaXYWHBBoxCoder' },
    loss_bbox: { type: 'SmoothL1Loss', beta: 0.11, loss_weight: 1 },
  });
  expect(model.task).toBe('detection');
  expect(() =>
    detector({ type: 'RetinaHead', bbox_coder: { type: 'LegacyDeltaXYWHBBoxCoder', clip_border: false } }),
  ).toThrow('model.bbox_head.bbox_coder.clip_border: expected one of the keys');
});
