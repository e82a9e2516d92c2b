/** Swin Transformer by mmdet: names, parameters, cost, every number; and files of the authors' code. */
import { describe, expect, test } from 'vitest';
import { swin } from '../../backbones/swin.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { formChanges } from '../../models/form_changes.js';
import { buildModel } from '../../tasks/build_model.js';
import { fitNames } from '../../weights/name_map.js';
import type { StateDict } from '../../weights/state_dict.js';
import { formulaInput, formulaValue } from '../formula_weights.js';
import { onnxBytes, relativeError, runOnnx } from '../run_network.js';
import { backboneGraph } from './openmmlab_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.swin.small();

const small = { embed_dims: 8, depths: [1, 2, 1, 1], num_heads: [1, 2, 2, 4] };
const classifier = (more: Readonly<Record<string, unknown>> = {}) =>
  buildModel({
    type: 'ImageClassifier',
    backbone: { type: 'SwinTransformer', ...small, ...more },
    head: { type: 'LinearClsHead', num_classes: 3 },
  });

/** What a name of mmdet's is called in the authors' code. */
const original = (name: string) =>
  name
    .replace(/^backbone\./, '')
    .replace(/^stages\./, 'layers.')
    .replace('.attn.w_msa.', '.attn.')
    .replace('.ffn.layers.0.0.', '.mlp.fc1.')
    .replace('.ffn.layers.1.', '.mlp.fc2.')
    .replace('patch_embed.projection.', 'patch_embed.proj.');

/** mmdet's `swin_converter`, for a norm or the columns of a weight of merged pixels: where each is found in the file. */
function converted(count: number): readonly number[] {
  const channels = count / 4;
  return Array.from({ length: count }, (_, i) => ([0, 2, 1, 3][i % 4] ?? 0) * channels + Math.floor(i / 4));
}

describe('a file of the authors’ code', () => {
  const { wholeGraph, checkpointFacts } = classifier({ merging_order: 'columnFirst' });
  const parameters = [...wholeGraph.parameters.values()];
  const file: StateDict = new Map(
    parameters
      .filter(({ name }) => name.startsWith('backbone.'))
      .map(({ name, shape }) => [
        original(name),
        { shape, dtype: 'float32', read: () => formulaValue(original(name), shape) },
      ]),
  );
  const fitted = fitNames('f', file, parameters, checkpointFacts);
  const own = (name: string): Tensor => {
    const shape = wholeGraph.parameters.get(name)?.shape ?? [];
    return tensor(shape, Float32Array.from(fitted.get(name)?.read() ?? formulaValue(name, shape)));
  };

  test('every name has its place', () => {
    const missing = parameters.map(({ name }) => name).filter((name) => !fitted.has(name));
    expect(missing.every((name) => name.startsWith('head.'))).toBe(true);
  });

  test('gives what mmdet computes once it has converted it', async () => {
    const input = tensor([1, 3, 75, 101], formulaInput('input.75x101', [1, 3, 75, 101]));
    const mmdet = (name: string): Tensor => {
      const { shape, data } = own(name);
      if (!name.includes('.downsample.')) return { shape, data };
      const columns = shape.at(-1) ?? 1;
      const from = converted(columns);
      return tensor(
        shape,
        data.map((_, i) => data[Math.floor(i / columns) * columns + (from[i % columns] ?? 0)] ?? Number.NaN),
      );
    };
    const actual = await runOnnx(onnxBytes({ graph: wholeGraph, parameters: own }), { input });
    const expected = await runOnnx(onnxBytes({ graph: classifier().wholeGraph, parameters: mmdet }), { input });
    for (const name of ['c2', 'c3', 'c4', 'c5']) {
      const reference = expected[name];
      if (reference === undefined) throw new Error(`no ${name}`);
      expect(relativeError(actual[name], reference), name).toBeLessThan(1e-6);
    }
  });

  test('is told by its names, whatever the config says', () => {
    const changes = (names: readonly string[], more = {}) => formChanges(classifier(more), names);
    const authors = [...file.keys()];
    expect(changes(authors)).toEqual(['model.backbone.merging_order="columnFirst"']);
    expect(changes(authors, { merging_order: 'columnFirst', convert_weights: true })).toEqual([]);
    const mmdet = parameters.map(({ name }) => name);
    expect(changes(mmdet, { merging_order: 'columnFirst' })).toEqual(['model.backbone.merging_order="channelFirst"']);
    expect(changes(mmdet)).toEqual([]);
    expect(changes(['backbone.norm.weight'])).toEqual([]);
  });
});

test('positions in windows begin as nothing', () => {
  const config = swin.schema.parse({});
  expect(
    swin.checkpoint?.initial?.('stages.0.blocks.0.attn.w_msa.relative_position_bias_table', [169, 3], config),
  ).toBe(0);
  expect(swin.checkpoint?.initial?.('stages.0.blocks.0.attn.w_msa.qkv.weight', [9, 3], config)).toBeUndefined();
});

test.each([
  [{ num_heads: [1, 2] }, 'SwinTransformer.num_heads: expected 4 numbers, one for each of depths'],
  [{ num_heads: [3, 2, 2, 4] }, 'SwinTransformer.num_heads: expected divisors of the channels of their stages'],
  [{ patch_size: 2 }, 'SwinTransformer.strides: expected 2, the patch_size, first'],
  [{ strides: [4, 2, 2, 1] }, 'SwinTransformer.strides: expected patch_size and then 2 for each of the other 3 stages'],
  [{ strides: [4, 2] }, 'SwinTransformer.strides: expected patch_size and then 2'],
  [{ depths: [1, 1], num_heads: [1, 1] }, 'SwinTransformer.out_indices: expected indices of stages, 0 to 1'],
])('a config that contradicts itself is refused: %j', (config, message) => {
  expect(() => backboneGraph({ type: 'SwinTransformer', ...small, ...config })).toThrow(message);
});

test('positions of a picture’s own size are refused', () => {
  expect(() => classifier({ use_abs_pos_embed: true })).toThrow(
    'model.backbone.use_abs_pos_embed: expected false: positions of a picture’s own size are not here',
  );
});
