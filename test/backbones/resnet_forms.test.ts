/** ResNet's forms by mmdet and mmseg, alone and in RetinaNet and Semantic FPN: names, parameters, cost, every number. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { tensor } from '../../core/tensor.js';
import { countMacs, countParameters } from '../../graph/count.js';
import type { ParameterSource } from '../../graph/graph.js';
import { buildModel } from '../../tasks/build_model.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { formulaValue } from '../formula_weights.js';
import { readReference } from '../reference.js';
import { backboneGraph, describeBackbone, describeModel, holdOutputs, stateOf } from './openmmlab_parity.js';

const timmCase = z.object({
  parameters: z.number(),
  state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
  macs_224: z.object({ total: z.number() }),
});

/** The values of a file, by the network's names. */
const weightsOf =
  (file: StateDict): ParameterSource =>
  (name) => {
    const found = file.get(name);
    if (found === undefined) throw new Error(`no ${name} in the file`);
    return tensor(found.shape, Float32Array.from(found.read()));
  };

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

describe('timm’s resnet18d, by the names of its file', () => {
  const values = readReference('peers/resnet18d');
  const reference = timmCase.parse(values.description);
  const { wholeGraph, checkpointFacts } = buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'ResNetV1d', depth: 18 },
    head: { type: 'LinearClsHead', num_classes: 10 },
  });
  const parameters = [...wholeGraph.parameters.values()];
  const file: StateDict = new Map(
    reference.state_dict.map(([name, shape]) => [
      name,
      { shape, dtype: 'float32', read: () => formulaValue(name, shape) },
    ]),
  );
  const fitted = fitNames('f', file, parameters, checkpointFacts);

  test('every one has its place, and the cost is equal', () => {
    expect(new Set(fitted.keys())).toEqual(new Set(parameters.map(({ name }) => name)));
    expect(countParameters(wholeGraph)).toBe(reference.parameters);
    expect(countMacs(wholeGraph, { input: [1, 3, 224, 224] })).toBe(reference.macs_224.total);
  });

  test('features and logits', async () => {
    const network = { graph: wholeGraph, parameters: weightsOf(fitted) };
    await holdOutputs(network, values, 5);
  });
});
