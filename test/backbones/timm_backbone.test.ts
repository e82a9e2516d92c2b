/** OpenMMLab's wrapper of timm: names, parameters, cost, every number of timm's `features_only`. */
import { describe, expect, test } from 'vitest';
import { TIMM_MODELS } from '../../backbones/timm_models.js';
import { buildModel } from '../../tasks/build_model.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { backboneGraph } from './openmmlab_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.timm.small();

const wrapper = (config: Readonly<Record<string, unknown>>) => backboneGraph({ type: 'TIMMBackbone', ...config });

/** timm's number of the coarsest feature: families without a feature of their stem have four. */
const lastOf = (model: string) => (/^(?:convnext|efficientvit|fastvit)/.test(model) ? 3 : 4);

test.each([...TIMM_MODELS.keys()])('%s is the wrapper’s own', (model_name) => {
  const { parameters, outputs } = wrapper({ model_name, out_indices: [lastOf(model_name)] });
  expect(outputs).toHaveLength(1);
  expect([...parameters.keys()].every((name) => name.startsWith('backbone.timm_model.'))).toBe(true);
});

test('a tag of weights behind a name changes nothing', () => {
  const names = (model_name: string) => [...wrapper({ model_name, out_indices: [4] }).parameters];
  expect(names('resnet50.tv_in1k')).toEqual(names('resnet50'));
});

test('an unknown model is refused with those that are known', () => {
  const refused = () =>
    buildModel({
      type: 'ImageClassifier',
      backbone: { type: 'TIMMBackbone', model_name: 'resnet5O' },
      head: { type: 'LinearClsHead', num_classes: 3 },
    });
  expect(refused).toThrow(
    "model.backbone.model_name: expected one of timm's models that are here (resnet18, resnet34, resnet50",
  );
  expect(refused).toThrow('mobileone_s4)');
  expect(refused).toThrow("Did you mean 'resnet50'?");
});

test.each([
  [
    { model_name: 'resnet50' },
    'TIMMBackbone.out_indices: expected features 1 to 4, which are here of those that timm has',
  ],
  [{ model_name: 'resnet50', out_indices: [0, 4] }, 'TIMMBackbone.out_indices: expected features 1 to 4'],
  [{ model_name: 'convnext_atto', out_indices: [4] }, 'TIMMBackbone.out_indices: expected features 0 to 3'],
  [{ model_name: 'resnet50', out_indices: [1, 2] }, 'TIMMBackbone.out_indices: expected 4 among them'],
])('features that are not here are refused: %j', (config, message) => {
  expect(() => wrapper(config)).toThrow(message);
});

test.each([
  [{ features_only: false }, 'expected true: features are all that goes out here'],
  [{ output_stride: 16 }, 'expected 32: no other form is here'],
])('a form that is not here is refused: %j', (more, message) => {
  expect(() => wrapper({ model_name: 'resnet18', out_indices: [4], ...more })).toThrow(message);
});

describe.each([
  ['resnet18', (name: string) => name],
  ['convnext_atto', (name: string) => name.replace(/^(stem|stages)_/, '$1.')],
  ['efficientvit_b0', (name: string) => name.replace(/^(stem|stages)_/, '$1.')],
  ['mobileone_s0', (name: string) => name.replace(/^stages_/, 'stages.')],
])('%s in a file of timm’s', (model_name, original) => {
  const { wholeGraph, checkpointFacts } = buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'TIMMBackbone', model_name, out_indices: [lastOf(model_name)] },
    head: { type: 'LinearClsHead', num_classes: 3 },
  });
  const parameters = [...wholeGraph.parameters.values()];
  const own = parameters.filter(({ name }) => name.startsWith('backbone.'));

  test.each([
    ['taken apart', (name: string) => name],
    ['whole', original],
  ])('%s: every name has its place', (_, nameOf) => {
    const file: StateDict = new Map(
      own.map(({ name, shape }) => [
        nameOf(name.replace('backbone.timm_model.', '')),
        { shape, dtype: 'float32', read: () => new Float32Array(0) },
      ]),
    );
    expect([...fitNames('f', file, parameters, checkpointFacts).keys()]).toEqual(own.map(({ name }) => name));
  });
});
