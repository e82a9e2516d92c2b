/** ResNet's forms by mmdet and mmseg, alone and in RetinaNet and Semantic FPN: names, parameters, cost, every number. */
import { expect, test } from 'vitest';
import { describeTimmFile } from './file_parity.js';
import { backboneGraph, describeBackbone, describeModel, stateOf } from './openmmlab_parity.js';

for (const name of [
  'retinanet_r18',
  'retinanet_r50_caffe',
  'retinanet_x50_32x4d',
  'sem_fpn_r50_v1c',
  'sem_fpn_r50_v1d',
  'sem_fpn_x50',
]) {
  describeModel(name);
}

for (const name of [
  'resnet50_dilated',
  'resnet50_multi_grid',
  'resnet18_avg_down',
  'resnext50_caffe',
  'regnetx_400mf',
  'regnet_own',
]) {
  describeBackbone(name);
}

test.each([
  ['ResNeXt-50 of groups by mmpretrain’s name', { groups: 32, width_per_group: 4 }, { groups: 32, base_width: 4 }],
  ['a width of 4 by default', { groups: 8 }, { groups: 8, base_width: 4 }],
])('%s', (_, one, other) => {
  const base = { type: 'ResNeXt', depth: 50 };
  expect(stateOf(backboneGraph({ ...base, ...one }))).toEqual(stateOf(backboneGraph({ ...base, ...other })));
});

test('a form of RegNet with more than four widths is refused', () => {
  const arch = { w0: 8, wa: 8, wm: 1.5, group_w: 8, depth: 20, bot_mul: 1 };
  expect(() => backboneGraph({ type: 'RegNet', arch })).toThrow('RegNet.arch: expected widths in at most 4 steps');
});

describeTimmFile('resnet18d', { type: 'ResNetV1d', depth: 18 });
