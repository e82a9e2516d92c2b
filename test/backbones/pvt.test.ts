/** PVT and PVT v2 by mmdet, by the authors' names and by timm's: names, parameters, cost, every number. */
import { describe, expect, test } from 'vitest';
import { formChanges } from '../../models/form_changes.js';
import { buildModel } from '../../tasks/build_model.js';
import { initialValue } from '../../weights/initialise.js';
import { loadReport } from '../../weights/load_report.js';
import { fitNames } from '../../weights/name_map.js';
import { describeTimmFile, formulaFile } from './file_parity.js';
import { backboneGraph, stateOf } from './openmmlab_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.pvt.small();

const V1 = { type: 'PyramidVisionTransformer', embed_dims: 8, num_layers: [1, 1, 1, 1] };
const V2 = { type: 'PyramidVisionTransformerV2', embed_dims: 32, num_layers: [2, 2, 2, 2] };
describeTimmFile('pvt_v2_b0', { ...V2, separate_qkv: true }, 2e-6);

describe('the form of a file', () => {
  const detector = (keys: Readonly<Record<string, unknown>> = {}) =>
    buildModel({
      type: 'RetinaNet',
      backbone: { ...V2, embed_dims: 8, num_layers: [1, 1, 1, 1], ...keys },
      neck: { type: 'FPN', out_channels: 8, num_outs: 5, add_extra_convs: 'on_input', start_level: 1 },
      bbox_head: { type: 'RetinaHead', num_classes: 3, feat_channels: 8 },
    });

  test.each([
    ['the authors’', 'backbone.block1.0.attn.q.weight'],
    ['the authors’ backbone alone', 'block1.0.attn.q.weight'],
    ['timm’s', 'stages.0.blocks.0.attn.q.weight'],
  ])('%s is built, whatever the config says', (_, name) => {
    expect(formChanges(detector(), [name])).toEqual(['model.backbone.separate_qkv=true']);
    expect(formChanges(detector({ separate_qkv: true }), [name])).toEqual([]);
  });

  test('mmdet’s, too', () => {
    const names = [...detector().wholeGraph.parameters.keys()];
    expect(formChanges(detector(), names)).toEqual([]);
    expect(formChanges(detector({ separate_qkv: true }), names)).toEqual(['model.backbone.separate_qkv=false']);
    expect(formChanges(detector(), ['backbone.layer1.0.conv1.weight'])).toEqual([]);
  });

  test('a classifier of the first version, which reads a class token, is refused', () => {
    const backbone = { ...V1, separate_qkv: true };
    const head = { type: 'LinearClsHead', num_classes: 3 };
    const { wholeGraph, checkpointFacts: facts } = buildModel({ type: 'ImageClassifier', backbone, head });
    const parameters = [...wholeGraph.parameters.values()];
    const load = (more: Parameters<typeof formulaFile>[0]) => {
      const own = stateOf(wholeGraph).map(([name, shape]) => {
        return [name.replace('backbone.', '').replace('head.fc.', 'head.'), shape] as const;
      });
      const tensors = fitNames('f', formulaFile([...own, ...more]), parameters, facts);
      return loadReport(parameters, tensors, { path: 'f', facts });
    };
    expect(load([])).toMatchObject({ missing: [], unexpected: [] });
    expect(() => load([['cls_token', [1, 1, 64]]])).toThrow(
      'f: expected no layers inside the parts of the network that these lack but received 1. cls_token;',
    );
  });

  test('both have as many parameters', () => {
    const count = (separate_qkv: boolean) =>
      [...detector({ separate_qkv }).wholeGraph.parameters.values()]
        .map(({ shape }) => shape.reduce((product, extent) => product * extent, 1))
        .reduce((sum, n) => sum + n, 0);
    expect(count(true)).toBe(count(false));
  });

  test('biases of queries, keys and values start at 0', () => {
    const { wholeGraph, checkpointFacts } = detector();
    const name = 'backbone.layers.0.1.0.attn.attn.in_proj_bias';
    const shape = wholeGraph.parameters.get(name)?.shape ?? [];
    expect(initialValue(name, shape, checkpointFacts)).toEqual(new Float32Array(24));
  });
});

test.each([
  [{ num_layers: [1, 1, 1] }, 'PyramidVisionTransformer.num_layers: expected 4 numbers, one a stage'],
  [{ patch_sizes: [4, 2] }, 'PyramidVisionTransformer.patch_sizes: expected 4 numbers, one a stage'],
  [{ num_stages: 3 }, 'expected 3 numbers, one a stage'],
  [{ mlp_ratios: [8, 8, 4] }, 'PyramidVisionTransformer.mlp_ratios: expected 4 numbers, one a stage'],
  [{ pretrain_img_size: 31 }, 'PyramidVisionTransformer.pretrain_img_size: expected at least 32 pixels a side'],
])('%j is refused', (keys, message) => {
  expect(() => backboneGraph({ ...V1, ...keys })).toThrow(message);
});

test.each([[[64]], [64]])('pretrain_img_size %j is a square', (pretrain_img_size) => {
  const { parameters } = backboneGraph({ ...V1, pretrain_img_size });
  expect(parameters.get('backbone.layers.3.1.0.pos_embed')?.shape).toEqual([1, 4, 64]);
});
