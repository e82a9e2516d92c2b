/** PoolFormer by mmpretrain: names, parameters, cost, every number. */
import { describe, expect, test } from 'vitest';
import { POOLFORMER_ARCHS } from '../../backbones/poolformer.js';
import { buildModel } from '../../tasks/build_model.js';
import { initialValue } from '../../weights/initialise.js';
import { fitNames } from '../../weights/name_map.js';
import { formulaFile } from './file_parity.js';
import { backboneGraph, stateOf } from './openmmlab_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.poolformer.small();

const arch = { layers: [1, 1, 1, 1], embed_dims: [8, 16, 24, 32], mlp_ratios: [2, 2, 2, 2] };

describe('a classifier', () => {
  const { wholeGraph, checkpointFacts } = buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'PoolFormer', arch },
    head: { type: 'LinearClsHead', num_classes: 3 },
  });

  test('reads the last stage alone, after its norm', () => {
    const norms = [...wholeGraph.parameters.keys()].filter((name) => /^backbone\.norm/.test(name));
    expect(norms).toEqual(['backbone.norm6.weight', 'backbone.norm6.bias']);
  });

  test('of the authors has its places', () => {
    const file = stateOf(wholeGraph).map(([name, shape]) => {
      const own = name.replace('backbone.', '').replace('norm6.', 'norm.').replace('head.fc.', 'head.');
      return [own, shape] as const;
    });
    expect(file.map(([name]) => name)).toEqual(
      expect.arrayContaining(['norm.weight', 'head.bias', 'network.1.proj.bias']),
    );
    const fitted = fitNames('f', formulaFile(file), [...wholeGraph.parameters.values()], checkpointFacts);
    expect(new Set(fitted.keys())).toEqual(new Set(wholeGraph.parameters.keys()));
  });

  test('starts as little more than its shortcuts', () => {
    const name = 'backbone.network.0.0.layer_scale_1';
    expect(initialValue(name, [8], checkpointFacts)).toEqual(new Float32Array(8).fill(1e-5));
  });
});

test.each(Object.entries(POOLFORMER_ARCHS))('%s has as many blocks as its name says', (name, { layers }) => {
  expect(layers.reduce((sum, blocks) => sum + blocks, 0)).toBe(Number(name.slice(1)));
});

test('widths that do not change between stages are refused, since nothing would downsample there', () => {
  const backbone = { type: 'PoolFormer', arch: { ...arch, embed_dims: [8, 8, 24, 32] } };
  expect(() => backboneGraph(backbone)).toThrow('PoolFormer.arch.embed_dims: expected another width in each stage');
});
