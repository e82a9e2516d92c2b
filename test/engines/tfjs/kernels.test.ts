/** Every operation in TensorFlow.js against ONNX Runtime, whose numbers are held to PyTorch's elsewhere. */
import { describe, expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../../../graph/builder.js';
import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/value.js';
import { formulaInput } from '../../formula_weights.js';
import { OPERATION_NAMES, sampleGraph } from '../../graph/operation_samples.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { backend, runTfjs } from './run_tfjs.js';

const SIZES = [
  [1, 6, 8],
  [3, 7, 5],
  [2, 13, 9],
] as const;

/** Differences from ONNX Runtime as a share of the largest value; float32 alone would allow 1e-7. */
const CLOSE = 1e-5;

async function expectEqual(graph: Graph, [n, h, w]: readonly [number, number, number]): Promise<void> {
  const channels = graph.inputs[0]?.value.channels ?? 0;
  const shape = [n, channels, h, w];
  const network = formulaNetwork(graph);
  const inputs = { x: tensor(shape, formulaInput(`x.${h}x${w}`, shape)) };
  const [actual, reference] = [await runTfjs(network, inputs), await runNetwork(network, inputs)];
  for (const { name } of graph.outputs) {
    const expected = reference[name];
    if (expected === undefined) throw new Error(`no output ${name}`);
    expect(relativeError(actual[name], expected), name).toBeLessThan(CLOSE);
  }
}

describe.each(OPERATION_NAMES)('%s', (name) => {
  test.each(SIZES)('batch %d, %dx%d', (...size) => expectEqual(sampleGraph(name), size));

  test('leaves nothing behind', async () => {
    const { tf } = await backend();
    const before = tf.memory();
    await expectEqual(sampleGraph(name), [2, 7, 6]);
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    expect({ numTensors, numDataBuffers, numBytes }).toEqual({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
      numBytes: before.numBytes,
    });
  });
});

/** Attributes that the samples leave at one value. 8 channels go in. */
const forms: Readonly<Record<string, (g: GraphRoot, x: Value) => Value>> = {
  'conv 1x1': (g, x) => g.conv(x, { out: 5, kernel: 1 }),
  'conv 1x1, stride 2': (g, x) => g.conv(x, { out: 5, kernel: 1, stride: 2 }),
  'conv without bias': (g, x) => g.conv(x, { out: 5, kernel: 3, bias: false }),
  'conv 5x5, pad 1': (g, x) => g.conv(x, { out: 3, kernel: 5, pad: 1 }),
  'conv 3x3, dilated': (g, x) => g.conv(x, { out: 5, kernel: 3, dilation: 2, pad: 2 }),
  'conv 3x3, dilated and strided': (g, x) => g.conv(x, { out: 5, kernel: 3, dilation: 2, pad: 2, stride: 2 }),
  'conv 3x3, dilated, in groups': (g, x) => g.conv(x, { out: 6, kernel: 3, dilation: 2, pad: 2, groups: 2 }),
  'conv depthwise, dilated and strided': (g, x) =>
    g.conv(x, { out: 8, kernel: 3, dilation: 3, pad: 3, stride: 2, groups: 8 }),
  'conv depthwise, dilated': (g, x) => g.conv(x, { out: 8, kernel: 3, dilation: 2, pad: 2, groups: 8 }),
  'average over windows of 3': (g, x) => g.emit('averagePool', [x], { kernel: 3 }),
  'average over single pixels': (g, x) => g.emit('averagePool', [x], { kernel: 1 }),
  'conv 2x2, one side padded': (g, x) => g.conv(x, { out: 3, kernel: 2, pad: [1, 0] }),
  'conv 4x4, sides differ, stride 2': (g, x) => g.conv(x, { out: 3, kernel: 4, pad: [1, 2], stride: 2 }),
  'conv depthwise': (g, x) => g.conv(x, { out: 8, kernel: 3, groups: 8 }),
  'conv depthwise 7x7, stride 2': (g, x) => g.conv(x, { out: 8, kernel: 7, groups: 8, stride: 2 }),
  'conv depthwise, one side padded': (g, x) => g.conv(x, { out: 8, kernel: 2, groups: 8, pad: [0, 1] }),
  'conv depthwise, three for each channel': (g, x) => g.conv(x, { out: 24, kernel: 3, groups: 8, bias: false }),
  'conv in four groups': (g, x) => g.conv(x, { out: 12, kernel: 3, groups: 4 }),
  'conv 1x1 in two groups': (g, x) => g.conv(x, { out: 6, kernel: 1, groups: 2, bias: false }),
  'conv of one channel': (g, x) =>
    g.scope('b').conv(g.scope('a').conv(x, { out: 1, kernel: 1 }), { out: 2, kernel: 3 }),
  'convTranspose, stride 1': (g, x) => g.convTranspose(x, { out: 5, kernel: 3, pad: 1 }),
  'convTranspose 2x2, stride 2, no bias': (g, x) => g.convTranspose(x, { out: 5, kernel: 2, stride: 2, bias: false }),
  'convTranspose 3x3, stride 2': (g, x) => g.convTranspose(x, { out: 5, kernel: 3, stride: 2, pad: 1 }),
  'convTranspose 5x5, stride 3, sides differ': (g, x) =>
    g.convTranspose(x, { out: 5, kernel: 5, stride: 3, pad: [2, 1] }),
  'convTranspose 1x1, stride 2': (g, x) => g.convTranspose(x, { out: 5, kernel: 1, stride: 2 }),
  'convTranspose depthwise': (g, x) => g.convTranspose(x, { out: 8, kernel: 4, stride: 2, pad: 1, groups: 8 }),
  'convTranspose depthwise 8x8, stride 4': (g, x) =>
    g.convTranspose(x, { out: 8, kernel: 8, stride: 4, pad: 2, groups: 8 }),
  'convTranspose depthwise, two for each channel': (g, x) =>
    g.convTranspose(x, { out: 16, kernel: 3, stride: 2, pad: 1, groups: 8 }),
  'convTranspose in two groups': (g, x) => g.convTranspose(x, { out: 6, kernel: 4, stride: 2, pad: 1, groups: 2 }),
  'linear at every pixel': (g, x) => g.linear(x, { out: 5 }),
  'linear without bias': (g, x) => g.linear(g.emit('globalAveragePool', [x], {}), { out: 5, bias: false }),
  'gelu by the error function': (g, x) => g.emit('gelu', [x], { approximate: 'none' }),
  'activation of a vector': (g, x) => g.emit('hardswish', [g.emit('globalAveragePool', [x], {})], {}),
  'groupNorm in one group': (g, x) => g.groupNorm(x, 1),
  'groupNorm in as many as channels': (g, x) => g.groupNorm(x, 8),
  'maxPool 1x1, stride 2': (g, x) => g.emit('maxPool', [x], { kernel: 1, stride: 2, pad: 0 }),
  'maxPool of negative values': (g, x) => {
    const negative = g.emit('scale', [g.emit('sigmoid', [x], {})], { factor: -1 });
    return g.emit('maxPool', [negative], { kernel: 3, stride: 1, pad: 1 });
  },
  'resizeNearest, three times': (g, x) => g.emit('resizeNearest', [x], { factor: 3 }),
  'resizeNearest, 49 times': (g, x) => g.emit('resizeNearest', [x], { factor: 49 }),
  'resizeNearestLike, smaller': (g, x) =>
    g.resizeNearestLike(x, g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 })),
  'resizeBilinear, corners aligned': (g, x) => g.emit('resizeBilinear', [x], { factor: 4, alignCorners: true }),
  'resizeBilinear, three times': (g, x) => g.emit('resizeBilinear', [x], { factor: 3, alignCorners: false }),
  'resizeBilinearLike, edges': (g, x) =>
    g.emit('resizeBilinearLike', [g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 }), x], {
      alignCorners: false,
    }),
  'resizeBilinearLike, smaller': (g, x) =>
    g.emit('resizeBilinearLike', [x, g.emit('maxPool', [x], { kernel: 3, stride: 2, pad: 1 })], {
      alignCorners: false,
    }),
  'resizeBilinearLike, from one pixel': (g, x) =>
    g.emit('resizeBilinearLike', [g.emit('averageToPixel', [x], {}), x], { alignCorners: true }),
  'resizeBilinearLike, to one pixel': (g, x) =>
    g.emit('resizeBilinearLike', [x, g.emit('averageToPixel', [x], {})], { alignCorners: true }),
  'cropLike, nothing to crop': (g, x) => g.cropLike(x, g.relu(x)),
  'attention, roles first': (g, x) =>
    g.emit('attention', [g.scope('qkv').conv(x, { out: 24, kernel: 1 })], {
      heads: 2,
      headDim: 4,
      layout: 'roleFirst',
    }),
  'adaptiveMaxPoolLike, of overlapping windows': (g, x) =>
    g.emit('adaptiveMaxPoolLike', [x, g.emit('averagePool', [x], { kernel: 3 })], {}),
  'adaptiveMaxPoolLike, to a larger size': (g, x) =>
    g.emit('adaptiveMaxPoolLike', [x, g.emit('resizeNearest', [x], { factor: 2 })], {}),
  'adaptiveMaxPoolLike, to one pixel': (g, x) =>
    g.emit('adaptiveMaxPoolLike', [x, g.emit('averageToPixel', [x], {})], {}),
  'crossAttention, scores as they are': (g, x) =>
    g.emit('crossAttention', [x, g.scope('kv').conv(x, { out: 16, kernel: 1 })], { heads: 1, headDim: 8, scale: 1 }),
  'padToMultiple, nothing lacking': (g, x) => g.emit('padToMultiple', [x], { divisor: 1 }),
  'pixelUnshuffle, columns first': (g, x) =>
    g.emit('pixelUnshuffle', [g.emit('padToMultiple', [x], { divisor: 3 })], { factor: 3, order: 'columnFirst' }),
  'shiftedWindowAttention, not shifted': (g, x) => {
    const padded = g.emit('padToMultiple', [x], { divisor: 3 });
    const attributes = { heads: 1, headDim: 8, window: 3, shift: 0, positions: 'table', scale: 0.1 };
    return g.emit('shiftedWindowAttention', [g.scope('qkv').conv(padded, { out: 24, kernel: 1 })], attributes);
  },
  'shiftedWindowAttention, one window': (g, x) => {
    const padded = g.emit('padToMultiple', [x], { divisor: 16 });
    const attributes = { heads: 4, headDim: 2, window: 16, shift: 8, positions: 'table' };
    return g.emit('shiftedWindowAttention', [g.scope('qkv').conv(padded, { out: 24, kernel: 1 })], attributes);
  },
  'paddedWindowAttention, padded on one side or none': (g, x) => {
    const padded = g.emit('padToMultiple', [x], { divisor: 2 });
    const attributes = { heads: 2, headDim: 4, window: 2 };
    return g.emit('paddedWindowAttention', [g.scope('qkv').conv(padded, { out: 24, kernel: 1 }), x], attributes);
  },
  'oneHot, plain': (g, x) => g.emit('oneHot', [g.emit('sign', [x], {})], { classes: 2 }),
  'maxPoolGradient, of equal pixels': (g, x) => {
    const attributes = { kernel: 3, stride: 2, pad: 1 };
    const steps = g.relu(g.emit('sign', [x], {}));
    return g.emit('maxPoolGradient', [steps, g.emit('maxPool', [x], attributes)], attributes);
  },
  'a value read twice, and the input given out': (g, x) => g.add(g.relu(x), g.add(x, x)),
};

describe.each(Object.keys(forms))('%s', (name) => {
  test.each(SIZES)('batch %d, %dx%d', (...size) => {
    const g = graphBuilder();
    const x = g.input('x', 8);
    return expectEqual(g.finish([{ name: 'y', value: forms[name]?.(g, x) ?? x }]), size);
  });
});

test('a graph may give out its input, and a value that others read', async () => {
  const g = graphBuilder();
  const x = g.input('x', 2);
  const half = g.emit('scale', [x], { factor: 0.5 });
  const graph = g.finish([
    { name: 'x_again', value: x },
    { name: 'half', value: half },
    { name: 'half_again', value: half },
    { name: 'y', value: g.relu(half) },
  ]);
  const inputs = { x: tensor([1, 2, 1, 2], Float32Array.of(1, -2, 3, -4)) };
  const outputs = await runTfjs(formulaNetwork(graph), inputs);
  expect(Array.from(outputs.x_again?.data ?? [])).toEqual([1, -2, 3, -4]);
  expect(Array.from(outputs.half?.data ?? [])).toEqual([0.5, -1, 1.5, -2]);
  expect(Array.from(outputs.half_again?.data ?? [])).toEqual([0.5, -1, 1.5, -2]);
  expect(Array.from(outputs.y?.data ?? [])).toEqual([0.5, 0, 1.5, 0]);
});
