import { describe, expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../../graph/builder.js';
import { type OperationName, operations } from '../../graph/operations/index.js';
import { evaluateShapes } from '../../graph/shapes.js';
import type { Value } from '../../graph/value.js';
import { formulaInput } from '../formula_weights.js';
import { formulaNetwork, runNetwork } from '../run_network.js';

/** One graph for each operation, from a map of 8 channels; `half` has half its height and width. */
const samples: { readonly [Name in OperationName]: (g: GraphRoot, x: Value, half: Value) => Value } = {
  conv: (g, x) => g.conv(x, { out: 4, kernel: 3, stride: 2 }),
  convTranspose: (g, x) => g.convTranspose(x, { out: 4, kernel: 4, stride: 2, pad: 1 }),
  linear: (g, x) => g.linear(g.emit('globalAveragePool', [x], {}), { out: 3 }),
  batchNorm: (g, x) => g.batchNorm(x),
  groupNorm: (g, x) => g.groupNorm(x, 4),
  layerNorm: (g, x) => g.layerNorm(g.emit('globalAveragePool', [x], {})),
  relu: (g, x) => g.relu(x),
  relu6: (g, x) => g.emit('relu6', [x], {}),
  hardswish: (g, x) => g.emit('hardswish', [x], {}),
  silu: (g, x) => g.emit('silu', [x], {}),
  sigmoid: (g, x) => g.emit('sigmoid', [x], {}),
  gelu: (g, x) => g.emit('gelu', [x], { approximate: 'tanh' }),
  scale: (g, x) => g.emit('scale', [x], { factor: 2 }),
  add: (g, x) => g.add(x, x),
  multiply: (g, x) => g.emit('multiply', [x, x], {}),
  resizeNearest: (g, x) => g.emit('resizeNearest', [x], { factor: 2 }),
  resizeNearestLike: (g, x, half) => g.resizeNearestLike(half, x),
  resizeBilinearLike: (g, x, half) => g.emit('resizeBilinearLike', [half, x], { alignCorners: true }),
  resizeBilinear: (g, x) => g.emit('resizeBilinear', [x], { factor: 2, alignCorners: false }),
  cropLike: (g, x, half) => g.cropLike(x, half),
  maxPool: (g, x) => g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 }),
  globalAveragePool: (g, x) => g.emit('globalAveragePool', [x], {}),
  attention: (g, x) => g.emit('attention', [g.scope('qkv').conv(x, { out: 24, kernel: 1 })], { heads: 2, headDim: 4 }),
};

function sampleGraph(name: OperationName) {
  const g = graphBuilder();
  const x = g.input('x', 8);
  const half = g.scope('half').conv(x, { out: 8, kernel: 3, stride: 2 });
  return g.finish([
    { name: 'y', value: samples[name](g, x, half) },
    { name: 'half', value: half },
  ]);
}

describe.each(Object.keys(operations).filter((name): name is OperationName => name in operations))('%s', (name) => {
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
});
