import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CONVNEXT_ARCHS, type ConvNeXtArch } from '../../backbones/convnext.js';
import { tensor } from '../../core/tensor.js';
import { countMacs, countParameters, hasWeight } from '../../graph/count.js';
import type { Graph } from '../../graph/graph.js';
import { optimise } from '../../graph/passes/index.js';
import { initialWeights } from '../../models/fitted_weights.js';
import { formChanges } from '../../models/form_changes.js';
import { buildModel } from '../../tasks/build_model.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { formulaInput, formulaValue } from '../formula_weights.js';
import { readReference } from '../reference.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';
import { expectSameNumbers } from './inference_forms.js';
import { convnext, convnextName, keysOf, VARIANTS } from './variants.js';

const ARCHS = keysOf(CONVNEXT_ARCHS);
const classifier = (arch: ConvNeXtArch) => buildModel({ type: 'ImageClassifier', ...convnext(arch) });

VARIANTS.convnext.small();

const variants = z
  .record(
    z.string(),
    z.object({
      parameters: z.number(),
      macs_224: z.object({ total: z.number() }),
      feature_channels: z.array(z.number()),
      state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
    }),
  )
  .parse(readReference('peers/convnext_variants').description);

test('every variant of the reference is here', () => {
  expect(ARCHS.map(convnextName).toSorted()).toEqual(Object.keys(variants).toSorted());
});

describe.each(ARCHS)('%s', (arch) => {
  test('parameters, multiply-accumulates, channels and state_dict are those of timm', () => {
    const { wholeGraph, features } = classifier(arch);
    const own = [...wholeGraph.parameters.values()].map(({ name, shape }) => [
      name.replace(/^backbone\.|^head\.(?=norm_pre)/, ''),
      shape,
    ]);
    expect({
      parameters: countParameters(wholeGraph),
      macs_224: { total: countMacs(wholeGraph, { input: [1, 3, 224, 224] }, hasWeight) },
      feature_channels: features.map(({ value }) => value.channels),
      state_dict: own,
    }).toEqual({ ...variants[convnextName(arch)], macs_224: { total: variants[convnextName(arch)]?.macs_224.total } });
  });
});

const SMALL = { arch: 'custom', widths: [8, 16, 16, 24], depths: [1, 1, 2, 1] } as const;
const small = (backbone: Readonly<Record<string, unknown>> = {}) =>
  buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'ConvNeXt', ...SMALL, ...backbone },
    head: { type: 'ConvNeXtClsHead', num_classes: 5 },
  });

describe('passes', () => {
  test.each([true, false])('learned factors become part of the last layer of each MLP, linear: %s', async (linear) => {
    const { wholeGraph } = small({ linear_pw_conv: linear });
    const operations = (graph: Graph) => graph.nodes.map(({ operation }) => operation);
    expect(operations(wholeGraph).filter((operation) => operation === 'channelScale')).toHaveLength(5);
    const { graph } = optimise(formulaNetwork(wholeGraph));
    expect(operations(graph)).not.toContain('channelScale');
    expect(graph.nodes.length).toBe(wholeGraph.nodes.length - 5);
    await expectSameNumbers(wholeGraph);
  });
});

describe('other dialects of the names', () => {
  const { wholeGraph, checkpointFacts } = small();
  const parameters = [...wholeGraph.parameters.values()];
  const file = (names: readonly string[]): StateDict =>
    new Map(names.map((name) => [name, { shape: [], dtype: 'float32', read: () => new Float32Array() }]));
  const names = parameters.map(({ name }) => name.replace('backbone.', ''));
  /** As the authors and mmpretrain number stages, downsampling and blocks. */
  const numbered = (name: string) =>
    name
      .replace(/^stem\./, 'downsample_layers.0.')
      .replace(/^stages\.(\d)\.downsample\./, 'downsample_layers.$1.')
      .replace('.blocks.', '.');
  const authors = (name: string) =>
    numbered(name)
      .replace('.conv_dw.', '.dwconv.')
      .replace('.mlp.fc', '.pwconv')
      .replace('head.fc.', 'head.')
      .replace('head.norm.', 'norm.');

  test('the authors’ classifiers', () => {
    const dialect = names.map(authors);
    expect(dialect).toEqual(expect.arrayContaining(['downsample_layers.3.1.weight', 'stages.2.1.pwconv2.bias']));
    expect(dialect).toEqual(expect.arrayContaining(['stages.0.0.gamma', 'norm.weight', 'head.bias']));
    expect([...fitNames('f', file(dialect), parameters, checkpointFacts).keys()]).toEqual(
      parameters.map(({ name }) => name),
    );
  });

  test('a detector of mmdet with mmpretrain’s backbone, which has a norm on each feature', async () => {
    const detector = (keys: Readonly<Record<string, unknown>>) =>
      buildModel({
        type: 'RetinaNet',
        backbone: { type: 'ConvNeXt', ...SMALL, use_grn: true, out_indices: [1, 2, 3], ...keys },
        neck: { type: 'FPN', out_channels: 8, num_outs: 5, add_extra_convs: 'on_input' },
        bbox_head: { type: 'RetinaHead', num_classes: 3, feat_channels: 8 },
      });
    const model = detector({ gap_before_final_norm: false });
    const own = [...model.wholeGraph.parameters.values()];
    const dialect = own.map(({ name }) =>
      name.startsWith('backbone.')
        ? `backbone.${numbered(name.slice('backbone.'.length))}`
            .replace('.conv_dw.', '.depthwise_conv.')
            .replace('.mlp.fc', '.pointwise_conv')
            .replace('.mlp.grn.weight', '.grn.gamma')
            .replace('.mlp.grn.bias', '.grn.beta')
        : name,
    );
    expect(dialect).toEqual(expect.arrayContaining(['backbone.norm1.weight', 'backbone.stages.2.1.grn.gamma']));
    expect(formChanges(detector({}), dialect)).toEqual(['model.backbone.gap_before_final_norm=false']);
    const fitted = fitNames('f', file(dialect), own, model.checkpointFacts);
    expect([...fitted.keys()]).toEqual(own.map(({ name }) => name));
  });

  test('the norm after the pooling of a classifier is none of a feature', () => {
    expect(formChanges(small(), ['backbone.norm3.weight', 'head.fc.weight'])).toEqual([]);
    expect(formChanges(small(), names)).toEqual([]);
  });
});

test('a norm on each feature that goes out', async () => {
  const input = tensor([1, 3, 64, 96], formulaInput('input.64x96', [1, 3, 64, 96]));
  const run = (gap_before_final_norm: boolean) =>
    runNetwork(formulaNetwork(small({ gap_before_final_norm }).wholeGraph), { input });
  const [plain, normal] = [await run(true), await run(false)];
  const [c5, normed] = [plain.c5, normal.c5];
  if (c5 === undefined || normed === undefined) throw new Error('no c5');
  const [weight, bias] = ['weight', 'bias'].map((role) => formulaValue(`backbone.norm3.${role}`, [24]));
  const area = 2 * 3;
  const expected = c5.data.map((value, i) => {
    const [channel, pixel] = [Math.floor(i / area), i % area];
    const values = Array.from({ length: 24 }, (_, c) => c5.data[c * area + pixel] ?? 0);
    const mean = values.reduce((sum, v) => sum + v, 0) / 24;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 24;
    return ((value - mean) / Math.sqrt(variance + 1e-6)) * (weight?.[channel] ?? 0) + (bias?.[channel] ?? 0);
  });
  expect(relativeError(normed, tensor(c5.shape, expected))).toBeLessThan(1e-6);
});

test('before training, a block is little more than its shortcut', () => {
  const { parameters } = initialWeights(small());
  expect(parameters('backbone.stages.0.blocks.0.gamma').data).toEqual(new Float32Array(8).fill(1e-6));
  const second = initialWeights(small({ use_grn: true }));
  expect(second.parameters('backbone.stages.0.blocks.0.mlp.grn.weight').data).toEqual(new Float32Array(32));
});

test('mmpretrain’s start of the factors is of training, and 0 where there are none', () => {
  const build = (backbone: object) => () => small({ layer_scale_init_value: 1, ...backbone });
  expect(build({})).not.toThrow();
  expect(build({ layer_scale_init_value: 0, use_grn: true })).not.toThrow();
  for (const wrong of [{ layer_scale_init_value: 0 }, { use_grn: true }]) {
    expect(build(wrong)).toThrow('layer_scale_init_value: expected a positive number, or 0 for ConvNeXt V2');
  }
});
