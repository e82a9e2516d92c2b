import { describe, expect, test } from 'vitest';
import type { GraphRoot } from '../../graph/builder.js';
import {
  foldBatchNorm,
  foldConstants,
  optimise,
  plainConvolution,
  specialise,
  unpackLinear,
} from '../../graph/passes/index.js';
import type { Value } from '../../graph/value.js';
import { expectSame, input, operationNames as names, network } from './passes/networks.js';
import { runPass, VERIFIED } from './passes/run_pass.js';

describe('batch norm', () => {
  test.each([
    ['a convolution', (g: GraphRoot, x: Value) => g.scope('c').conv(x, { out: 6, kernel: 3 })],
    [
      'a grouped one without bias',
      (g: GraphRoot, x: Value) => g.scope('c').conv(x, { out: 16, kernel: 3, groups: 4, bias: false }),
    ],
    [
      'a transposed one',
      (g: GraphRoot, x: Value) => g.scope('c').convTranspose(x, { out: 6, kernel: 4, stride: 2, pad: 1 }),
    ],
    [
      'a grouped transposed one without bias',
      (g: GraphRoot, x: Value) =>
        g.scope('c').convTranspose(x, { out: 16, kernel: 4, stride: 2, pad: 1, groups: 2, bias: false }),
    ],
  ])('becomes part of %s', async (_, convolve) => {
    const before = network((g, x) => g.relu(g.scope('n').batchNorm(convolve(g, x))));
    const after = runPass(before, foldBatchNorm);
    expect(names(after)).toHaveLength(2);
    expect(names(after)).not.toContain('batchNorm');
    await expectSame(before, after);
  });

  test('stays where something else reads the convolution', async () => {
    const before = network((g, x) => {
      const y = g.scope('c').conv(x, { out: 8, kernel: 3 });
      return g.add(g.scope('n').batchNorm(y), y);
    });
    const after = runPass(before, foldBatchNorm);
    expect(names(after)).toContain('batchNorm');
    await expectSame(before, after);
  });

  test('folds into weights that several levels share once', () => {
    const before = network((g, x) => {
      const once = (value: Value) => g.scope('n').batchNorm(g.scope('c').conv(value, { out: 8, kernel: 3 }));
      return once(once(x));
    });
    const { graph } = runPass(before, foldBatchNorm);
    expect([...graph.parameters.keys()]).toEqual(['n.folded_weight', 'n.folded_bias']);
  });
});

test('multiplications by constants become part of the weights before them', async () => {
  const before = network((g, x) => {
    const y = g.scope('c').conv(x, { out: 4, kernel: 1 });
    return g.emit('scale', [g.emit('scale', [y], { factor: 0.5 })], { factor: -3 });
  });
  const after = runPass(before, foldConstants);
  expect(names(after)).toEqual(['conv']);
  await expectSame(before, after);
});

test('a multiplication that two values need stays', async () => {
  const before = network((g, x) => {
    const y = g.scope('c').conv(x, { out: 8, kernel: 1 });
    return g.add(g.emit('scale', [y], { factor: 0.5 }), y);
  });
  expect(names(runPass(before, foldConstants))).toContain('scale');
  await expectSame(before, runPass(before, foldConstants));
});

test('what no output needs is dropped, with its parameters', async () => {
  const before = network((g, x) => {
    g.scope('unused').conv(x, { out: 99, kernel: 5 });
    return g.relu(x);
  });
  const after = runPass(before);
  expect(names(after)).toEqual(['relu']);
  expect(after.graph.parameters.size).toBe(0);
  await expectSame(before, after);
});

test.each([1, 3])('a transposed convolution of stride 1 and kernel %d becomes a plain one', async (kernel) => {
  const before = network((g, x) => g.scope('c').convTranspose(x, { out: 5, kernel, pad: kernel >> 1 }));
  const after = runPass(before, plainConvolution);
  expect(names(after)).toEqual(['conv']);
  await expectSame(before, after);
});

test('one that is padded unlike on its two sides, too', async () => {
  const before = network((g, x) => g.scope('c').convTranspose(x, { out: 5, kernel: 4, pad: [3, 1] }));
  const after = runPass(before, plainConvolution);
  expect(names(after)).toEqual(['conv']);
  await expectSame(before, after);
});

test('a linear layer at every pixel becomes a convolution, one of a vector stays', async () => {
  const before = network((g, x) => {
    const pixels = g.scope('a').linear(x, { out: 5, bias: false });
    return g.scope('b').linear(g.emit('globalAveragePool', [pixels], {}), { out: 3 });
  });
  const after = runPass(before, plainConvolution);
  expect(names(after)).toEqual(['conv', 'globalAveragePool', 'linear']);
  await expectSame(before, after);
});

test('linear layers of one packed weight get weights of their own, which become convolutions', async () => {
  const before = network((g, x) => {
    const names = { weight: 'all_weights', bias: 'all_biases' };
    const share = (first: number) => g.emit('packedLinear', [x], { out: 3, bias: true, first, rows: 6, names });
    return g.add(share(0), share(3));
  });
  expect([...before.graph.parameters].map(([name, { shape }]) => [name, shape])).toEqual([
    ['all_weights', [6, 8]],
    ['all_biases', [6]],
  ]);
  const after = runPass(before, unpackLinear);
  expect(names(after)).toEqual(['linear', 'linear', 'add']);
  await expectSame(before, after);
  const optimised = optimise(before, VERIFIED);
  expect(names(optimised)).toEqual(['conv', 'conv', 'add']);
  await expectSame(before, optimised);
});

describe('specialised to multiples of 32', () => {
  const before = network((g, x) => {
    const half = g.scope('a').conv(x, { out: 8, kernel: 3, stride: 2 });
    const quarter = g.scope('b').conv(half, { out: 8, kernel: 3, stride: 2 });
    const nearest = g.add(g.resizeNearestLike(quarter, half), half);
    const bilinear = g.emit('resizeBilinearLike', [quarter, half], { alignCorners: false });
    const back = g.scope('up').convTranspose(g.add(nearest, bilinear), { out: 8, kernel: 4, stride: 2, pad: 1 });
    return g.add(g.cropLike(back, x), x);
  });
  const after = specialise(before, 32);
  test('crops vanish and sizes become factors', async () => {
    expect(names(after)).not.toContain('cropLike');
    expect(names(after)).toContain('resizeNearest');
    expect(names(after)).toContain('resizeBilinear');
    await expectSame(before, after, input(32, 96));
    await expectSame(before, after, input(64, 32));
  });
  test('what depends on the size stays where the divisor is too small', () => {
    expect(names(specialise(before, 1))).toEqual(names(before));
  });
});

test('all passes together keep the function and verify', async () => {
  const before = network((g, x) => {
    const y = g.scope('n').batchNorm(g.scope('c').conv(x, { out: 8, kernel: 3, bias: false }));
    const z = g.scope('t').convTranspose(g.emit('hardswish', [y], {}), { out: 8, kernel: 3, pad: 1 });
    return g.add(g.emit('gelu', [g.scope('g').groupNorm(z, 2)], { approximate: 'none' }), x);
  });
  await expectSame(before, optimise(before, VERIFIED));
});
