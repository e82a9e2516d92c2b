import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { specialisation } from '../../graph/passes/specialise.js';
import { bfp } from '../../necks/bfp.js';
import { buildModel } from '../../tasks/build_model.js';
import { describeModel } from '../backbones/openmmlab_parity.js';
import { formulaNetwork } from '../run_network.js';
import { buildNeck, describeNeck } from './neck_parity.js';

const build = (config: Readonly<Record<string, unknown>>, channels: readonly number[] = [12, 12, 12, 12]) =>
  buildNeck(bfp, config, channels);

for (const form of ['non_local', 'non_local_norm', 'conv', 'plain'])
  describeNeck({ type: 'BFP', form, build, bound: 2e-6 });

describeModel('libra_retinanet_r18', 2e-6);

test('levels keep their strides', () => {
  expect(build({}).strides).toEqual([4, 8, 16, 32]);
});

test('a non-local block begins as its shortcut alone', () => {
  const start = (norm_cfg: unknown, name: string) =>
    bfp.checkpoint?.initial?.(name, [1], bfp.schema.parse({ norm_cfg }));
  expect(start(null, 'refine.conv_out.conv.weight')).toBe(0);
  expect(start({ type: 'BN' }, 'refine.conv_out.conv.weight')).toBeUndefined();
  expect(start({ type: 'BN' }, 'refine.conv_out.bn.weight')).toBe(0);
  expect(start(null, 'refine.g.conv.weight')).toBeUndefined();
});

test.each([
  [{ num_levels: 5 }, 'BFP.num_levels: expected 4, the features that come in but received 5'],
  [{ in_channels: 8 }, 'BFP.in_channels: expected 12, the channels of the features that come in but received 8'],
  [{ refine_level: 4 }, 'BFP.refine_level: expected at most 3 but received 4'],
])('a config that contradicts the features is refused: %j', (config, message) => {
  expect(() => build(config)).toThrow(message);
});

test('features of different channels are refused', () => {
  expect(() => build({}, [8, 12])).toThrow('BFP.in_channels: expected features of the same channels');
});

const FPN = { type: 'FPN', out_channels: 8, num_outs: 4 };
const detector = (neck: unknown) => ({
  type: 'RetinaNet',
  backbone: { type: 'ResNet', depth: 18, base_channels: 8 },
  neck,
  bbox_head: {
    type: 'RetinaHead',
    num_classes: 3,
    feat_channels: 8,
    anchor_generator: {
      type: 'AnchorGenerator',
      octave_base_scale: 4,
      scales_per_octave: 1,
      ratios: [1],
      strides: [4, 8, 16, 32],
    },
  },
});

describe('a list of necks', () => {
  test('of one is that neck, under a number', () => {
    const names = (neck: unknown) => [...buildModel(detector(neck)).wholeGraph.parameters.keys()];
    expect(names([FPN])).toEqual(names(FPN).map((name) => name.replace(/^neck\./, 'neck.0.')));
  });

  test('gives out the levels of the last', () => {
    const { features } = buildModel(detector([FPN, { type: 'BFP' }]));
    expect(features.map(({ name }) => name)).toEqual(['c2', 'c3', 'c4', 'c5', 'p2', 'p3', 'p4', 'p5']);
  });

  test.each([
    [[FPN, { type: 'BFP', num_levels: 3 }], 'model.neck.1.num_levels: expected 4, the features that come in'],
    [[FPN, { type: 'BFB' }], 'model.neck.1.type: expected the type of a neck (FPN, BFP'],
    [[], 'model.neck'],
    [[FPN, 3], 'model.neck.1'],
  ])('an error names its place: %j', (neck, message) => {
    const refused = () => buildModel(detector(neck));
    expect(refused).toThrow(LowformerError);
    expect(refused).toThrow(message);
  });

  test('names what it does not use of each', () => {
    const { unused } = buildModel(
      detector([
        { ...FPN, init_cfg: {} },
        { type: 'BFP', init_cfg: {} },
      ]),
    );
    expect(unused).toEqual(['model.neck.0.init_cfg', 'model.neck.1.init_cfg']);
  });
});

test('for sizes that divide, windows side by side', async () => {
  const { wholeGraph } = buildModel(detector([FPN, { type: 'BFP', refine_level: 1 }]));
  const { graph } = specialisation(32).apply(formulaNetwork(wholeGraph), 32);
  const pooled = graph.nodes.filter(({ operation, scope }) => operation === 'maxPool' && scope === 'neck.1');
  expect(pooled.map(({ attributes }) => attributes)).toEqual(
    [2, 2, 4].map((kernel) => ({ kernel, stride: kernel, pad: 0 })),
  );
  expect(graph.nodes.filter(({ operation }) => operation === 'adaptiveMaxPoolLike')).toEqual([]);
});
