import { describe, expect, test } from 'vitest';
import { stride } from '../../../core/brands.js';
import { type Tensors, tensor } from '../../../core/tensor.js';
import { graphBuilder } from '../../../graph/builder.js';
import { countMacs } from '../../../graph/count.js';
import type { Graph, Network } from '../../../graph/graph.js';
import { composeLinear, optimise, specialise, subPixel } from '../../../graph/passes/index.js';
import { fpn } from '../../../necks/fpn.js';
import type { Feature } from '../../../registry/feature.js';
import { formulaInput } from '../../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { operationNames } from './networks.js';
import { runPass, VERIFIED } from './run_pass.js';

/** An FPN on maps of growing depth and halved size, its levels as outputs. */
function pyramid(config: Readonly<Record<string, unknown>>): Network {
  const g = graphBuilder();
  let x = g.input('input', 3);
  const stage = (out: number, i: number): Feature => {
    x = g.relu(g.scope(`stage${i}`).conv(x, { out, kernel: 3, stride: 2 }));
    return { value: x, stride: stride(2 ** (i + 1)) };
  };
  const maps = [stage(4, 0), stage(6, 1), stage(10, 2), stage(24, 3)] as const;
  const levels = fpn.build(g.scope('neck'), maps, fpn.schema.parse({ out_channels: 24, num_outs: 4, ...config }));
  return formulaNetwork(g.finish(levels.map(({ value }, i) => ({ name: `p${i}`, value }))));
}

const picture = (height: number, width: number): Tensors => {
  const shape = [2, 3, height, width];
  return { input: tensor(shape, formulaInput('composed', shape)) };
};

async function expectSame(before: Network, after: Network, feeds: Tensors): Promise<void> {
  const [expected, actual] = [await runNetwork(before, feeds), await runNetwork(after, feeds)];
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, map] of Object.entries(expected)) expect(relativeError(actual[name], map), name).toBeLessThan(3e-6);
}

const prepared = (network: Network, divisor = 16) => specialise(optimise(network), divisor);
const composedLevels = ({ graph }: Network) =>
  graph.nodes.filter(({ operation }) => operation === 'convTranspose').map(({ scope }) => scope);
const macs = (graph: Graph) => countMacs(graph, { input: [1, 3, 64, 96] });
const FORMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  plain: {},
  'of fewer levels': { start_level: 1, num_outs: 3 },
  'with pooled levels': { num_outs: 5 },
  'with levels on the input': { num_outs: 6, add_extra_convs: 'on_input' },
  'with levels on the laterals, which are read elsewhere': { num_outs: 6, add_extra_convs: 'on_lateral' },
  'with levels on the outputs': { num_outs: 6, add_extra_convs: 'on_output', relu_before_extra_convs: true },
  'with batch norm, which folds': { norm_cfg: { type: 'BN' } },
  'with batch norm on the outputs alone': { norm_cfg: { type: 'BN' }, no_norm_on_lateral: true },
};

describe.each(Object.entries(FORMS))('a pyramid %s', (_, config) => {
  const before = prepared(pyramid(config));
  const after = runPass(before, composeLinear);

  test('reads the narrow maps in the fine levels, for fewer multiply-accumulates', () => {
    expect(composedLevels(after).length).toBeGreaterThan(0);
    expect(macs(after.graph)).toBeLessThan(0.97 * macs(before.graph));
  });

  test.each([
    [16, 16],
    [32, 48],
    [80, 16],
  ])('keeps every level to its border, %dx%d', async (height, width) => {
    await expectSame(before, after, picture(height, width));
    await expectSame(before, runPass(before, composeLinear, subPixel), picture(height, width));
  });
});

describe('stays as it is', () => {
  const same: Readonly<Record<string, Network>> = {
    'at sizes that are not exactly doubled': prepared(pyramid({}), 1),
    'where the enlargement is bilinear': prepared(pyramid({ upsample_cfg: { mode: 'bilinear' } })),
    'where the laterals are normalised over groups': prepared(pyramid({ norm_cfg: { type: 'GN', num_groups: 2 } })),
    'where the laterals are more than linear': prepared(pyramid({ act_cfg: { type: 'ReLU' } })),
    'where the maps are not narrow': prepared(pyramid({ out_channels: 4 })),
  };
  test.each(Object.entries(same))('%s', (_, before) => {
    const { graph } = runPass(before, composeLinear);
    expect(graph.nodes).toEqual(before.graph.nodes);
    expect([...graph.parameters.keys()]).toEqual([...before.graph.parameters.keys()]);
  });
});

describe('by odd sizes', () => {
  test.each([
    [15, 33],
    [31, 18],
  ])('%dx%d', async (height, width) => {
    const before = prepared(pyramid({}), 1);
    await expectSame(before, runPass(before, composeLinear, subPixel), picture(height, width));
  });
});

describe('weights', () => {
  test('of convolutions that several levels share are composed once for each lateral', () => {
    const g = graphBuilder();
    const level = (at: string, name: string) => {
      const [c, u] = [g.input(`${at}.c`, 4), g.input(`${at}.u`, 24)];
      const lateral = g.scope(name).conv(c, { out: 24, kernel: 1 });
      const sum = g.add(lateral, g.emit('resizeNearest', [u], { factor: 2 }));
      return { name: at, value: g.scope('shared').conv(sum, { out: 24, kernel: 3 }) };
    };
    const { graph } = runPass(
      formulaNetwork(g.finish([level('a', 'one'), level('b', 'one'), level('c', 'two')])),
      composeLinear,
    );
    const shapes = [...graph.parameters.values()].map(({ shape }) => shape.join('x'));
    expect(shapes.filter((shape) => shape === '24x4x3x3')).toHaveLength(2);
    expect(shapes.filter((shape) => shape === '24x24x4x4')).toHaveLength(1);
  });

  test('of a kernel of 5 reach as far', async () => {
    const g = graphBuilder();
    const c = g.input('c', 4);
    const u = g.scope('u').conv(c, { out: 24, kernel: 2, stride: 2, pad: 0 });
    const sum = g.add(g.emit('resizeNearest', [u], { factor: 2 }), g.scope('lateral').conv(c, { out: 24, kernel: 1 }));
    const value = g.scope('k').conv(sum, { out: 24, kernel: 5, bias: false });
    const before = formulaNetwork(g.finish([{ name: 'y', value }]));
    const after = runPass(before, composeLinear, subPixel);
    expect(operationNames(after)).toContain('depthToSpace');
    const shape = [2, 4, 6, 10];
    await expectSame(before, after, { c: tensor(shape, formulaInput('c', shape)) });
  });

  test('of optimised networks verify after every pass', () => {
    expect(operationNames(optimise(pyramid({}), VERIFIED))).not.toContain('convTranspose');
  });
});

/** Transposed convolutions on a map of 8 channels. */
describe('a transposed convolution', () => {
  const transposed = (options: {
    kernel: number;
    stride: number;
    pad: number | readonly [number, number];
    groups?: number;
  }) => {
    const g = graphBuilder();
    const value = g.scope('t').convTranspose(g.input('x', 8), { out: 6, bias: true, groups: 1, ...options });
    return formulaNetwork(g.finish([{ name: 'y', value }]));
  };
  const run = async (options: Parameters<typeof transposed>[0]) => {
    const before = transposed(options);
    const after = runPass(before, subPixel);
    const shape = [2, 8, 5, 7];
    await expectSame(before, after, { x: tensor(shape, formulaInput('x', shape)) });
    const count = (graph: Graph) => countMacs(graph, { x: [1, 8, 64, 64] });
    expect(count(after.graph) / count(before.graph)).toBeLessThan(1.05);
    return operationNames(after);
  };

  test.each([
    [2, 2, 0],
    [4, 2, 1],
    [4, 2, 0],
    [4, 2, [2, 1]],
    [6, 2, 2],
    [6, 3, 1],
    [3, 3, 0],
    [8, 4, 2],
    [6, 2, [0, 5]],
  ] as const)('of kernel %d, stride %d and padding %j is one of sub-pixels', async (kernel, step, pad) => {
    expect(await run({ kernel, stride: step, pad })).toEqual(['conv', 'depthToSpace']);
  });

  test.each([
    ['of which the stride is no part of the kernel', { kernel: 3, stride: 2, pad: 1 }],
    ['of groups', { kernel: 4, stride: 2, pad: 1, groups: 2 }],
    ['of stride 1', { kernel: 3, stride: 1, pad: 1 }],
  ] as const)('%s stays', async (_, options) => {
    expect(await run(options)).toEqual(['convTranspose']);
  });
});
