import { describe, expect, test } from 'vitest';
import { stride } from '../../../core/brands.js';
import { type Tensors, tensor } from '../../../core/tensor.js';
import { graphBuilder } from '../../../graph/builder.js';
import { countMacs } from '../../../graph/count.js';
import type { Network } from '../../../graph/graph.js';
import { composeLinear, composePairs, optimise, specialise, subPixel } from '../../../graph/passes/index.js';
import { pairKernel } from '../../../graph/passes/pair_kernel.js';
import { fpnHead } from '../../../heads/fpn_head.js';
import { fpn } from '../../../necks/fpn.js';
import type { Feature } from '../../../registry/feature.js';
import { formulaInput } from '../../formula_weights.js';
import { formulaNetwork, onnxBytes, relativeError, runNetwork, runOnnx } from '../../run_network.js';
import { operationNames } from './networks.js';
import { runPass } from './run_pass.js';

interface Form {
  readonly neck?: Readonly<Record<string, unknown>>;
  readonly head?: Readonly<Record<string, unknown>>;
}

/** Semantic FPN on maps of growing depth and halved size. */
function segmentor({ neck = {}, head = {} }: Form): Network {
  const g = graphBuilder();
  let x = g.input('input', 3);
  const stage = (out: number, i: number): Feature => {
    x = g.relu(g.scope(`stage${i}`).conv(x, { out, kernel: 3, stride: 2 }));
    return { value: x, stride: stride(2 ** (i + 1)) };
  };
  const maps = [stage(4, 0), stage(6, 1), stage(8, 2), stage(24, 3)] as const;
  const levels = fpn.build(g.scope('neck'), maps, fpn.schema.parse({ out_channels: 24, num_outs: 4, ...neck }));
  const config = fpnHead.schema.parse({ channels: 12, num_classes: 5, ...head });
  return formulaNetwork(g.finish(fpnHead.build(g.scope('head'), levels, config)));
}

const picture = (height: number, width: number): Tensors => {
  const shape = [2, 3, height, width];
  return { input: tensor(shape, formulaInput('pairs', shape)) };
};

async function expectSame(before: Network, after: Network, feeds: Tensors): Promise<void> {
  const [expected, actual] = [await runNetwork(before, feeds), await runNetwork(after, feeds)];
  for (const [name, map] of Object.entries(expected)) expect(relativeError(actual[name], map), name).toBeLessThan(3e-6);
}

const prepared = (network: Network, divisor = 16) => specialise(optimise(network), divisor);
const macs = ({ graph }: Network, input: readonly number[]) => countMacs(graph, { input });
const corrections = (network: Network) =>
  operationNames(network).filter((operation) => operation === 'borderCorrection').length;

const FORMS: Readonly<Record<string, Form>> = {
  plain: {},
  'with batch norm, which folds': { neck: { norm_cfg: { type: 'BN' } }, head: { norm_cfg: { type: 'BN' } } },
  'with norms on the laterals alone': { neck: { norm_cfg: { type: 'BN' }, no_norm_on_lateral: true } },
  'of fewer levels': { neck: { start_level: 1, num_outs: 3 }, head: { in_index: [0, 1, 2] } },
};

describe.each(Object.entries(FORMS))('a segmentor %s', (_, form) => {
  const before = prepared(segmentor(form));
  const after = runPass(before, composePairs);

  test('takes fewer multiply-accumulates than with the convolutions apart', () => {
    const apart = runPass(before, composeLinear, subPixel);
    const input = [1, 3, 256, 384];
    expect(corrections(after)).toBeGreaterThan(0);
    expect(macs(runPass(after, composeLinear, subPixel), input)).toBeLessThan(0.97 * macs(apart, input));
  });

  test.each([
    [16, 16],
    [32, 48],
    [80, 16],
  ])('says the same to the border, %dx%d', async (height, width) => {
    await expectSame(before, after, picture(height, width));
    await expectSame(before, runPass(before, composePairs, composeLinear, subPixel), picture(height, width));
  });
});

test('sizes that are not exactly doubled stay as they are, level by level', async () => {
  const before = prepared(segmentor({}), 1);
  const after = runPass(before, composePairs);
  expect(corrections(after)).toBe(0);
  expect(after.graph.nodes).toEqual(before.graph.nodes);
});

/** Two convolutions in a row on 3 channels, with more channels between than behind. */
const pair = (bias: readonly [boolean, boolean], between: 'nothing' | 'a relu' | 'another reader' = 'nothing') => {
  const g = graphBuilder();
  const inner = g.scope('a').conv(g.input('x', 3), { out: 32, kernel: 3, bias: bias[0] });
  const read = between === 'a relu' ? g.relu(inner) : inner;
  const value = g.scope('b').conv(read, { out: 4, kernel: 3, bias: bias[1] });
  const others = between === 'another reader' ? [{ name: 'inner', value: inner }] : [];
  return formulaNetwork(g.finish([{ name: 'y', value }, ...others]));
};

describe('a pair of convolutions', () => {
  test.each([
    [9, 12],
    [1, 1],
    [1, 7],
    [6, 1],
    [2, 2],
  ])('is one at every size, %dx%d', async (height, width) => {
    const shape = [2, 3, height, width];
    const feeds = { x: tensor(shape, formulaInput('x', shape)) };
    for (const bias of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const after = runPass(pair(bias), composePairs);
      expect(operationNames(after)).toEqual(['borderRing', 'conv', 'borderCorrection']);
      await expectSame(pair(bias), after, feeds);
    }
  });

  test('is one in float16 as well', async () => {
    const shape = [1, 3, 5, 6];
    const feeds = { x: tensor(shape, formulaInput('x', shape)) };
    const before = pair([true, true]);
    const expected = await runNetwork(before, feeds);
    const halved = await runOnnx(onnxBytes(runPass(before, composePairs), 'float16'), feeds);
    for (const [name, map] of Object.entries(expected)) expect(relativeError(halved[name], map)).toBeLessThan(3e-3);
  });

  test.each(['a relu', 'another reader'] as const)('stays with %s between', (between) => {
    const before = pair([true, true], between);
    expect(runPass(before, composePairs).graph.nodes).toEqual(before.graph.nodes);
  });

  test('stays where one would cost as much', () => {
    const g = graphBuilder();
    const inner = g.scope('a').conv(g.input('x', 8), { out: 8, kernel: 3 });
    const before = formulaNetwork(g.finish([{ name: 'y', value: g.scope('b').conv(inner, { out: 8, kernel: 3 }) }]));
    expect(runPass(before, composePairs).graph.nodes).toEqual(before.graph.nodes);
  });
});

test('kernels are multiplied as by hand', () => {
  const [second, first] = [
    [2, 3, 3, 3],
    [3, 2, 3, 3],
  ].map((shape, i) => tensor(shape, formulaInput(`k${i}`, shape)));
  if (second === undefined || first === undefined) throw new Error('no kernels');
  const expected = new Float64Array(2 * 2 * 25);
  for (let at = 0; at < 2 * 3 * 2 * 81; at++) {
    const [o, m, i, a, b] = [
      Math.floor(at / 486),
      Math.floor(at / 162) % 3,
      Math.floor(at / 81) % 2,
      Math.floor(at / 9) % 9,
      at % 9,
    ];
    const to = (Math.floor(a / 3) + Math.floor(b / 3)) * 5 + (a % 3) + (b % 3);
    const product = (second.data[(o * 3 + m) * 9 + a] ?? 0) * (first.data[(m * 2 + i) * 9 + b] ?? 0);
    expected[(o * 2 + i) * 25 + to] = (expected[(o * 2 + i) * 25 + to] ?? 0) + product;
  }
  expect(pairKernel(second, first)).toEqual(Float32Array.from(expected));
});
