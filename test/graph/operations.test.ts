import { describe, expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../../graph/builder.js';
import { evaluateShapes } from '../../graph/shapes.js';
import type { Value } from '../../graph/value.js';
import { formulaInput, formulaValue } from '../formula_weights.js';
import { formulaNetwork, runNetwork } from '../run_network.js';
import { OPERATION_NAMES, sampleGraph } from './operation_samples.js';

describe.each(OPERATION_NAMES)('%s', (name) => {
  test.each([
    [1, 6, 8],
    [3, 7, 5],
  ])('has in ONNX Runtime the shape that its rule says, batch %d, %dx%d', async (n, h, w) => {
    const graph = sampleGraph(name);
    const shape = [n, 8, h, w];
    const outputs = await runNetwork(formulaNetwork(graph), { x: tensor(shape, formulaInput(name, shape)) });
    const shapes = evaluateShapes(graph, { x: shape });
    for (const output of graph.outputs) expect(outputs[output.name]?.shape).toEqual(shapes.get(output.value.id));
    expect(outputs.y?.data.every(Number.isFinite)).toBe(true);
  });
});

describe('by hand', () => {
  const run = async (build: (g: GraphRoot, x: Value) => Value, shape: readonly number[], data: readonly number[]) => {
    const g = graphBuilder();
    const value = build(g, g.input('x', shape[1] ?? 1));
    const outputs = await runNetwork(formulaNetwork(g.finish([{ name: 'y', value }])), {
      x: tensor(shape, Float32Array.from(data)),
    });
    return Array.from(outputs.y?.data ?? []);
  };
  test('activations', async () => {
    const [x, shape] = [
      [-4, -1, 0, 1, 7],
      [1, 1, 1, 5],
    ];
    expect(await run((g, v) => g.emit('hardswish', [v], {}), shape, x)).toEqual([
      -0,
      expect.closeTo(-1 / 3, 6),
      0,
      expect.closeTo(2 / 3, 6),
      7,
    ]);
    expect(await run((g, v) => g.emit('relu6', [v], {}), shape, x)).toEqual([0, 0, 0, 1, 6]);
    const gelu = await run((g, v) => g.emit('gelu', [v], { approximate: 'none' }), shape, x);
    expect(gelu[1]).toBeCloseTo(-0.15865525, 6);
    expect(gelu[3]).toBeCloseTo(0.84134475, 6);
    const tanh = await run((g, v) => g.emit('gelu', [v], { approximate: 'tanh' }), shape, x);
    expect(tanh[3]).toBeCloseTo(0.841192, 5);
  });
  test('layer norm of a map: over the channels of each pixel', async () => {
    const [weight, bias] = [formulaValue('n.weight', [2]), formulaValue('n.bias', [2])];
    const y = await run((g, v) => g.scope('n').layerNorm(v, 0), [1, 2, 1, 2], [1, 5, 3, 5.5]);
    // Two channels lie at equal distances from their mean: -1 and 1.
    const expected = [-1, -1, 1, 1].map((v, i) => v * (weight[i >> 1] ?? 0) + (bias[i >> 1] ?? 0));
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
    });
  });
  test('global response normalisation: each channel by its norm over that of all', async () => {
    const [weight, bias] = [formulaValue('n.weight', [2]), formulaValue('n.bias', [2])];
    const x = [3, 4, 6, 8];
    const y = await run((g, v) => g.scope('n').emit('globalResponseNorm', [v], { epsilon: 0 }), [1, 2, 1, 2], x);
    // Norms 5 and 10, their mean 7.5.
    const expected = x.map(
      (v, i) => v + v * ([5, 10][i >> 1] ?? 0) * ((weight[i >> 1] ?? 0) / 7.5) + (bias[i >> 1] ?? 0),
    );
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
    });
  });
  test('padding of one side alone, which keeps the size under an even kernel', async () => {
    const [weight = 0, b = 0, c = 0, d = 0] = formulaValue('two.weight', [1, 1, 2, 2]);
    const y = await run(
      (g, v) => g.scope('two').conv(v, { out: 1, kernel: 2, pad: [1, 0], bias: false }),
      [1, 1, 2, 2],
      [1, 2, 3, 4],
    );
    const expected = [d, c + 2 * d, b + 3 * d, weight + 2 * b + 3 * c + 4 * d];
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    });
    expect(y).toHaveLength(4);
  });
  test('average of windows, at the border of the pixels that are there', async () => {
    const means = (kernel: number, data: readonly number[]) =>
      run((g, v) => g.emit('averagePool', [v], { kernel }), [1, 1, 3, data.length / 3], data);
    expect(await means(2, [1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([3, 4.5, 7.5, 9]);
    expect(await means(4, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18])).toEqual([7.5, 11]);
    expect(await means(1, [1, 2, 3])).toEqual([1, 2, 3]);
  });
  test('a dilated convolution reads every other pixel', async () => {
    const w = formulaValue('wide.weight', [1, 1, 3, 3]);
    const y = await run(
      (g, v) => g.scope('wide').conv(v, { out: 1, kernel: 3, dilation: 2, pad: 2, bias: false }),
      [1, 1, 1, 5],
      [1, 2, 3, 4, 5],
    );
    const [before = 0, middle = 0, after = 0] = w.slice(3, 6);
    const at = (i: number) => (i < 0 || i > 4 ? 0 : i + 1);
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(before * at(i - 2) + middle * at(i) + after * at(i + 2), 6);
    });
    expect(y).toHaveLength(5);
  });
  test('learned positions: as they are at their own size, resized at any other', async () => {
    const learned = formulaValue('places', [1, 2, 1]);
    const [left = 0, right = 0] = learned;
    const placed = (x: readonly number[], shape: readonly number[]) =>
      run((g, v) => g.emit('positionEmbedding', [v], { height: 1, width: 2, name: 'places' }), shape, x);
    const expected = [1 + left, 2 + right];
    for (const [i, value] of (await placed([1, 2], [1, 1, 1, 2])).entries())
      expect(value).toBeCloseTo(expected[i] ?? 0);
    const wide = await placed([0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 2, 4]);
    const row = [left, 0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right, right];
    for (const [i, value] of wide.entries()) expect(value).toBeCloseTo(row[i % 4] ?? 0, 6);
  });
  test('nearest to an odd size', async () => {
    const y = await run(
      (g, v) => g.resizeNearestLike(g.emit('maxPool', [v], { kernel: 1, stride: 2, pad: 0 }), v),
      [1, 1, 1, 5],
      [0, 1, 2, 3, 4],
    );
    expect(y).toEqual([0, 0, 2, 2, 4]);
  });
  test('bilinear, edges and corners aligned', async () => {
    const half = [1, 1, 1, 2];
    expect(
      await run((g, v) => g.emit('resizeBilinear', [v], { factor: 2, alignCorners: false }), half, [0, 4]),
    ).toEqual([0, 1, 3, 4, 0, 1, 3, 4]);
    const corners = await run((g, v) => g.emit('resizeBilinear', [v], { factor: 2, alignCorners: true }), half, [0, 3]);
    expect(corners.map((value) => Number(value.toFixed(5)))).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });
  test('linear attention of two pixels: the values weighted by relu(q)·relu(k), and epsilon below', async () => {
    // Channels: q (2), k (2), v (2) of one head; pixels 0 and 1. A negative query and a negative key weigh nothing.
    const y = await run(
      (g, v) => g.emit('linearAttention', [v], { heads: 1, headDim: 2, epsilon: 0.5 }),
      [1, 6, 1, 2],
      [1, -3, 2, 1, 4, -5, 1, 3, 10, 20, -1, 1],
    );
    // Pixel 0: q = [1, 2], weights k0 = [4, 1]: 6 and k1 = [0, 3]: 6. Pixel 1: q = [0, 1], weights 1 and 3.
    const expected = [(6 * 10 + 6 * 20) / 12.5, (10 + 3 * 20) / 4.5, (6 * -1 + 6) / 12.5, (-1 + 3) / 4.5];
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 5);
  });
  test('attention of two pixels: softmax of q·k / sqrt(d), times v', async () => {
    // Channels: q, k, v of one head of width 1; pixels 0 and 1.
    const y = await run(
      (g, v) => g.emit('attention', [v], { heads: 1, headDim: 1 }),
      [1, 3, 1, 2],
      [1, 0, 2, 0, 10, 20],
    );
    const share = Math.exp(2) / (Math.exp(2) + 1);
    expect(y[0]).toBeCloseTo(10 * share + 20 * (1 - share), 5);
    expect(y[1]).toBeCloseTo(15, 5);
  });
  test('attention whose channels are all queries, then all keys, then all values', async () => {
    // Two heads of width 1, two pixels.
    const y = await run(
      (g, v) => g.emit('attention', [v], { heads: 2, headDim: 1, layout: 'roleFirst' }),
      [1, 6, 1, 2],
      [1, 0, 3, 0, 2, 0, 1, 0, 10, 20, 300, 500],
    );
    const share = (score: number) => Math.exp(score) / (Math.exp(score) + 1);
    expect(y[0]).toBeCloseTo(20 - 10 * share(2), 4);
    expect(y[1]).toBeCloseTo(15, 4);
    expect(y[2]).toBeCloseTo(500 - 200 * share(3), 3);
    expect(y[3]).toBeCloseTo(400, 3);
  });
  test('a linear layer at every pixel', async () => {
    const g = graphBuilder();
    const value = g.scope('fc').linear(g.input('x', 2), { out: 1 });
    const values: Readonly<Record<string, readonly number[]>> = { 'fc.weight': [2, 3], 'fc.bias': [0.5] };
    const network = {
      graph: g.finish([{ name: 'y', value }]),
      parameters: (name: string) => tensor(name === 'fc.bias' ? [1] : [1, 2], Float32Array.from(values[name] ?? [])),
    };
    const { y } = await runNetwork(network, { x: tensor([1, 2, 1, 2], Float32Array.of(1, 2, 10, 20)) });
    expect(y?.shape).toEqual([1, 1, 1, 2]);
    expect(Array.from(y?.data ?? [])).toEqual([32.5, 64.5]);
  });
  test('a map times a factor for each picture and channel', async () => {
    const y = await run(
      (g, v) => g.emit('gate', [v, g.emit('averageToPixel', [v], {})], {}),
      [2, 1, 1, 2],
      [1, 3, 2, 6],
    );
    expect(y).toEqual([2, 6, 8, 24]);
  });
  test('attention of one pixel to two others: each head finds its keys and its values', async () => {
    const g = graphBuilder();
    const [query, keyValue] = [g.input('query', 2), g.input('keyValue', 4)];
    const value = g.emit('crossAttention', [query, keyValue], { heads: 2, headDim: 1 });
    const { y } = await runNetwork(formulaNetwork(g.finish([{ name: 'y', value }])), {
      query: tensor([1, 2, 1, 1], Float32Array.of(1, 3)),
      // Keys of the first head, keys of the second, values of the first, values of the second; two pixels each.
      keyValue: tensor([1, 4, 1, 2], Float32Array.of(2, 0, 0, 1, 10, 20, 300, 500)),
    });
    const share = (score: number) => Math.exp(score) / (Math.exp(score) + 1);
    expect(y?.shape).toEqual([1, 2, 1, 1]);
    expect(y?.data[0]).toBeCloseTo(20 - 10 * share(2), 4);
    expect(y?.data[1]).toBeCloseTo(300 + 200 * share(3), 3);
  });
});
