import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../../core/tensor.js';
import { createEngine } from '../../../engines/index.js';
import { graphBuilder } from '../../../graph/builder.js';
import type { Network } from '../../../graph/graph.js';
import { quantizedForm } from '../../../graph/onnx/quantized_values.js';
import { writeOnnx } from '../../../graph/onnx/write.js';
import { runPasses } from '../../../graph/passes/index.js';
import { largestWeight, type WeightBits } from '../../../graph/quantization/codes.js';
import type { QuantizedNetwork } from '../../../graph/quantization/quantization.js';
import { observedValues, type QuantizeOptions, quantizeNetwork } from '../../../graph/quantization/quantize_network.js';
import { quantizedLayers } from '../../../graph/quantization/quantized_layers.js';
import { observe } from '../../../quantization/observe.js';
import { INT8_PASSES } from '../../../quantization/quantize_model.js';
import { formulaNumbers } from '../../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork, runOnnx } from '../../run_network.js';

async function quantized(network: Network, input: Tensor, options: QuantizeOptions = {}): Promise<QuantizedNetwork> {
  await using observer = observe(network, observedValues(network, options), { threads: 1 });
  await observer.run({ input });
  return quantizeNetwork(network, observer.observations('min-max'), options);
}

function bytesOf({ quantization, ...network }: QuantizedNetwork): Uint8Array {
  return Buffer.concat(
    [...writeOnnx(network, { form: quantizedForm(quantization) }).chunks()].map((chunk) => Buffer.from(chunk)),
  );
}

/** One convolution, and what it makes of an input by whole numbers alone: products of bytes, summed, scaled, rounded. */
function exactConvolution({ graph, quantization }: QuantizedNetwork, input: Tensor): Tensor {
  const [node] = graph.nodes;
  const layer = quantization.layers.get(node?.output.id ?? -1);
  const [from, to] = [node?.inputs[0], node?.output].map((value) => quantization.codes.get(value?.id ?? -1));
  if (node?.operation !== 'conv' || layer === undefined || from === undefined || to === undefined)
    throw new Error('no conv');
  const { out, kernel, stride, groups } = node.attributes;
  const pad = kernel >> 1;
  const [, channels = 0, height = 0, width = 0] = input.shape;
  const [outHeight, outWidth] = [height, width].map((side) => Math.floor((side + 2 * pad - kernel) / stride) + 1);
  const clamp = (value: number) => Math.min(255, Math.max(0, value));
  const even = (value: number) => {
    const floor = Math.floor(value);
    return value - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(value);
  };
  const bytes = input.data.map((value) => clamp(even(Math.fround(value / from.scale)) + from.zeroPoint));
  const shape = [1, out, outHeight ?? 0, outWidth ?? 0];
  const result: number[] = [];
  const inputs = channels / groups;
  for (let o = 0; o < out; o++) {
    const first = Math.floor((o * groups) / out) * inputs;
    const scale = Math.fround(Math.fround(from.scale * (layer.weight.scales[o] ?? 0)) / to.scale);
    for (let y = 0; y < (outHeight ?? 0); y++) {
      for (let x = 0; x < (outWidth ?? 0); x++) {
        let sum = layer.bias.values[o] ?? 0;
        for (let i = 0; i < inputs; i++) {
          for (let ky = 0; ky < kernel; ky++) {
            for (let kx = 0; kx < kernel; kx++) {
              const [row, column] = [y * stride + ky - pad, x * stride + kx - pad];
              if (row < 0 || column < 0 || row >= height || column >= width) continue;
              const byte = bytes[((first + i) * height + row) * width + column] ?? 0;
              const weight = layer.weight.values[((o * inputs + i) * kernel + ky) * kernel + kx] ?? 0;
              sum += (byte - from.zeroPoint) * weight;
            }
          }
        }
        const code = clamp(even(Math.fround(Math.fround(sum) * scale)) + to.zeroPoint);
        result.push(Math.fround((code - to.zeroPoint) * to.scale));
      }
    }
  }
  return tensor(shape, Float32Array.from(result));
}

interface ConvolutionCase {
  readonly channels: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

function convolution({ channels, ...options }: ConvolutionCase): Network {
  const root = graphBuilder();
  const y = root.scope('layer').conv(root.input('input', channels), { ...options });
  return formulaNetwork(root.finish([{ name: 'y', value: y }]));
}

const input = (shape: readonly number[], value: (u: number) => number) =>
  tensor(
    shape,
    formulaNumbers(
      `input.${shape.join('x')}`,
      shape.reduce((a, b) => a * b),
      value,
    ),
  );

describe('int8 convolutions are those of whole numbers', () => {
  test.each<[string, ConvolutionCase]>([
    ['3x3', { channels: 8, out: 16, kernel: 3 }],
    ['1x1', { channels: 32, out: 8, kernel: 1 }],
    ['with stride', { channels: 3, out: 16, kernel: 3, stride: 2 }],
    ['depthwise', { channels: 16, out: 16, kernel: 3, groups: 16 }],
    ['depthwise 5x5 with stride', { channels: 24, out: 24, kernel: 5, stride: 2, groups: 24 }],
    ['in groups', { channels: 16, out: 32, kernel: 3, groups: 2 }],
  ])('%s', async (_, options) => {
    const network = convolution(options);
    const given = input([1, options.channels, 13, 11], (u) => 3 * u - 1);
    const int8 = await quantized(network, given);
    const { y } = await runOnnx(bytesOf(int8), { input: given });
    expect(y).toEqual(exactConvolution(int8, given));
    expect(
      relativeError(y, (await runNetwork(network, { input: given })).y ?? tensor([0], new Float32Array())),
    ).toBeLessThan(0.02);
  });
});

/** hardswish(conv(input)), and where `shared` a sum with what HardSwish reads. */
function hardswishAfterConvolution(shared = false): Network {
  const root = graphBuilder();
  const before = root.scope('layer').conv(root.input('input', 4), { out: 8, kernel: 1 });
  const y = root.emit('hardswish', [before], {});
  return formulaNetwork(root.finish([{ name: 'y', value: shared ? root.add(before, y) : y }]));
}

describe('HardSwish on bytes', () => {
  const hardswish = (x: number) => (x * Math.min(6, Math.max(0, x + 3))) / 6;
  /** What it gives of the bytes that the convolution before it gives, rounded to its own. */
  function expected(int8: QuantizedNetwork, given: Tensor): Tensor {
    const code = int8.quantization.codes.get(int8.graph.nodes[1]?.output.id ?? -1) ?? { scale: 1, zeroPoint: 0 };
    const { shape, data } = exactConvolution(int8, given);
    const codes = data.map((x) => Math.round(hardswish(x) / code.scale) + code.zeroPoint);
    return tensor(
      shape,
      codes.map((byte) => Math.fround((Math.min(255, Math.max(0, byte)) - code.zeroPoint) * code.scale)),
    );
  }

  test.each([
    ['on both sides of -3 and 3', 20],
    ['to less than 3', 5],
    ['to 150', 400],
  ])('is that of its numbers: %s', async (_, spread) => {
    const network = hardswishAfterConvolution();
    const given = input([1, 4, 40, 40], (u) => spread * (2 * u - 1));
    const int8 = await quantized(network, given);
    expect(int8.quantization.gates.size).toBe(1);
    const { y } = await runOnnx(bytesOf(int8), { input: given });
    const wanted = expected(int8, given);
    const step = int8.quantization.codes.get(int8.graph.nodes[1]?.output.id ?? -1)?.scale ?? 0;
    const off = wanted.data.map((value, i) => Math.abs(value - (y?.data[i] ?? Number.NaN)) / step);
    expect(Math.max(...off)).toBeLessThanOrEqual(1.001);
    // Halves, which the runtime may round the other way.
    expect(off.filter((steps) => steps > 0.5).length).toBeLessThan(off.length * 0.002);
  });

  test('whose bytes others read too is right to a step of what it reads', async () => {
    const network = hardswishAfterConvolution(true);
    const given = input([1, 4, 40, 40], (u) => 30 * (2 * u - 1));
    const int8 = await quantized(network, given);
    expect(int8.quantization.gates.size).toBe(1);
    const { y } = await runOnnx(bytesOf(int8), { input: given });
    const wanted = (await runNetwork(network, { input: given })).y;
    expect(wanted && relativeError(y, wanted)).toBeLessThan(0.02);
  });

  test('stays float where what it reads is far smaller than 3, and the report says so', async () => {
    const network = hardswishAfterConvolution();
    const given = input([1, 4, 40, 40], (u) => 0.2 * (2 * u - 1));
    const int8 = await quantized(network, given);
    expect(int8.quantization.gates.size).toBe(0);
    const layers = quantizedLayers(int8.graph, {}, int8.quantization);
    expect(layers.map(({ reason }) => reason)).toEqual([undefined, 'the bytes that it reads do not reach down to -3']);
    const { y } = await runOnnx(bytesOf(int8), { input: given });
    const wanted = (await runNetwork(network, { input: given })).y;
    expect(wanted && relativeError(y, wanted)).toBeLessThan(0.02);
  });
});

describe('large products of one sign', () => {
  // Pairs of products of 255 and 127 leave 16 bits, in which processors without VNNI add them.
  const root = graphBuilder();
  const y = root.scope('layer').conv(root.input('input', 256), { out: 16, kernel: 1, bias: false });
  const graph = root.finish([{ name: 'y', value: y }]);
  const network: Network = {
    graph,
    parameters: () =>
      tensor(
        [16, 256, 1, 1],
        formulaNumbers('w', 4096, (u) => 0.9 + 0.1 * u),
      ),
  };
  const given = input([1, 256, 8, 8], (u) => 0.95 + 0.05 * u);

  test.each([7, 8] as const)('%i bits are exact in the engine', async (weightBits) => {
    const { quantization, ...int8 } = await quantized(network, given, { weightBits });
    expect(Math.max(...(quantization.layers.values().next().value?.weight.values ?? []))).toBe(
      largestWeight(weightBits),
    );
    await using engine = await createEngine('onnxruntime', writeOnnx(int8, { form: quantizedForm(quantization) }), {
      device: 'cpu',
      threads: 1,
    });
    expect((await engine.run({ input: given })).y).toEqual(exactConvolution({ ...int8, quantization }, given));
  });

  test('7 bits are exact whatever the session and the processor', async () => {
    const int8 = await quantized(network, given);
    expect((await runOnnx(bytesOf(int8), { input: given })).y).toEqual(exactConvolution(int8, given));
  });
});

/** A little of everything: residual sums, activations, pooling, pyramids, concatenation, what stays float. */
function everything(): Network {
  const root = graphBuilder();
  const x = root.input('input', 3);
  const stem = root.relu(root.scope('stem').conv(x, { out: 8, kernel: 3, stride: 2 }));
  const pooled = root.emit('maxPool', [stem], { kernel: 3, stride: 2, pad: 1 });
  const branch = root.emit('hardswish', [root.scope('a').conv(pooled, { out: 8, kernel: 3, groups: 8 })], {});
  const sum = root.relu(root.add(pooled, root.scope('b').conv(branch, { out: 8, kernel: 1 })));
  const up = root.resizeNearestLike(root.scope('c').conv(sum, { out: 8, kernel: 3, stride: 2 }), sum);
  const both = root.emit('concatenate', [up, sum], {});
  const six = root.emit('relu6', [root.scope('d').conv(both, { out: 8, kernel: 1, bias: false })], {});
  const normal = root.scope('norm').groupNorm(six, 2);
  const again = root.scope('c').conv(six, { out: 8, kernel: 3, stride: 2 });
  const gated = root.emit('averageToPixel', [root.scope('e').conv(normal, { out: 8, kernel: 1 })], {});
  const pixel = root.emit('globalAveragePool', [gated], {});
  return formulaNetwork(
    root.finish([
      { name: 'map', value: six },
      { name: 'again', value: again },
      { name: 'classes', value: root.scope('fc').linear(pixel, { out: 5 }) },
    ]),
  );
}

async function optimisedOperations(bytes: Uint8Array): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quantized-'));
  try {
    const optimizedModelFilePath = join(folder, 'optimised.onnx');
    const session = await ort.InferenceSession.create(bytes, { optimizedModelFilePath, logSeverityLevel: 4 });
    await session.release();
    const text = readFileSync(optimizedModelFilePath, 'latin1');
    const names = [
      'QLinearConv',
      'QLinearAdd',
      'QLinearGlobalAveragePool',
      'QGemm',
      'FusedConv',
      'MaxPool',
      'HardSwish',
      'HardSigmoid',
      'QLinearMul',
    ];
    return names.filter((name) => text.includes(name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a network of many operations', () => {
  const network = everything();
  const given = input([1, 3, 32, 24], (u) => 4 * u - 2);

  test('runs in int8 in ONNX Runtime, close to the float network', async () => {
    const int8 = await quantized(network, given);
    const bytes = bytesOf(int8);
    const [float, outputs] = [await runNetwork(network, { input: given }), await runOnnx(bytes, { input: given })];
    for (const [name, wanted] of Object.entries(float))
      expect(relativeError(outputs[name], wanted), name).toBeLessThan(0.06);
    // No convolution is left in float.
    expect(await optimisedOperations(bytes)).toEqual([
      'QLinearConv',
      'QLinearAdd',
      'QLinearGlobalAveragePool',
      'QGemm',
      'MaxPool',
      'QLinearMul',
    ]);
  });

  test('with weights of 8 bits, some of them shared, runs in the engine', async () => {
    const { quantization, ...int8 } = await quantized(network, given, { weightBits: 8 });
    await using engine = await createEngine('onnxruntime', writeOnnx(int8, { form: quantizedForm(quantization) }), {
      device: 'cpu',
      threads: 1,
    });
    const [float, outputs] = [await runNetwork(network, { input: given }), await engine.run({ input: given })];
    for (const [name, wanted] of Object.entries(float))
      expect(relativeError(outputs[name], wanted), name).toBeLessThan(0.06);
  });

  test('is the same bytes each time', async () => {
    const [once, again] = [await quantized(network, given), await quantized(network, given)];
    expect(Buffer.compare(bytesOf(once), bytesOf(again))).toBe(0);
  });

  test('says of each layer whether it is int8, and why not', () => {
    const layers = quantizedLayers(network.graph, { float: new Set(['b']) });
    const said = Object.fromEntries(layers.map(({ name, int8, reason }) => [name, reason ?? int8]));
    expect(said).toEqual({
      stem: true,
      maxPool: true,
      a: true,
      hardswish: true,
      b: 'asked for',
      add: true,
      c: true,
      resizeNearestLike: true,
      concatenate: true,
      d: true,
      norm: 'no form on bytes',
      e: true,
      averageToPixel: true,
      globalAveragePool: 'no form on bytes',
      fc: true,
    });
  });

  test('shares codes where bytes are moved, and cuts what HardSwish makes 0', async () => {
    const { graph, quantization } = await quantized(network, given);
    const codeOf = (scope: string, operation: string) => {
      const node = graph.nodes.find((one) => one.scope === scope && one.operation === operation);
      return quantization.codes.get(node?.output.id ?? -1);
    };
    expect(codeOf('', 'resizeNearestLike')).toEqual(codeOf('', 'concatenate'));
    expect(codeOf('c', 'conv')).toEqual(codeOf('', 'concatenate'));
    // The ReLU's result is bytes, not what is before it.
    expect(codeOf('stem', 'conv')).toBeUndefined();
    const beforeHardswish = codeOf('a', 'conv');
    expect((beforeHardswish?.scale ?? 0) * (beforeHardswish?.zeroPoint ?? 255)).toBeLessThanOrEqual(3.01);
  });

  test('without a layer that can be quantized is a mistake', async () => {
    const root = graphBuilder();
    const graph = root.finish([{ name: 'y', value: root.relu(root.input('input', 3)) }]);
    expect(() => quantizeNetwork(formulaNetwork(graph), new Map())).toThrow('a network with a convolution');
  });
});

test('a level of a feature pyramid is taken apart, and its transposed convolution is done on bytes', async () => {
  const root = graphBuilder();
  const c = root.scope('c').conv(root.input('input', 8), { out: 4, kernel: 3 });
  const u = root.scope('u').conv(c, { out: 16, kernel: 3, stride: 2 });
  const enlarged = root.emit('resizeNearest', [u], { factor: 2 });
  const sum = root.add(root.scope('lateral').conv(c, { out: 16, kernel: 1 }), enlarged);
  const y = root.relu(root.scope('fpn').conv(sum, { out: 16, kernel: 3 }));
  const network = formulaNetwork(root.finish([{ name: 'y', value: y }]));
  const composed = runPasses(network, INT8_PASSES);
  const given = input([1, 8, 16, 24], (u) => 4 * u - 2);
  const int8 = await quantized(composed, given);
  expect(quantizedLayers(int8.graph, {}, int8.quantization).every((layer) => layer.int8)).toBe(true);
  expect(int8.graph.nodes.map(({ operation }) => operation)).toContain('depthToSpace');
  expect(await optimisedOperations(bytesOf(int8))).toEqual(['QLinearConv', 'QLinearAdd']);
  const [wanted, given8] = [
    await runNetwork(network, { input: given }),
    await runOnnx(bytesOf(int8), { input: given }),
  ];
  expect(wanted.y && relativeError(given8.y, wanted.y)).toBeLessThan(0.03);
});

test.each([
  ['one pixel high', 1, 9],
  ['two wide', 7, 2],
  ['larger', 12, 20],
])('two convolutions that were made one are right at the border of a map: %s', async (_, height, width) => {
  const root = graphBuilder();
  const x = root.relu(root.scope('before').conv(root.input('input', 3), { out: 4, kernel: 1 }));
  const first = root.scope('first').conv(x, { out: 16, kernel: 3 });
  const y = root.relu(root.scope('second').conv(first, { out: 4, kernel: 3 }));
  const network = formulaNetwork(root.finish([{ name: 'y', value: y }]));
  const given = input([1, 3, height, width], (u) => 4 * u - 2);
  const int8 = await quantized(runPasses(network, INT8_PASSES), given);
  expect(int8.quantization.borders.size).toBe(1);
  const layers = quantizedLayers(int8.graph, {}, int8.quantization);
  expect(layers.every((layer) => layer.int8)).toBe(true);
  const bytes = bytesOf(int8);
  expect(Buffer.from(bytes).includes('first.weight.border.row_0.bytes')).toBe(true);
  const [wanted, found] = [await runNetwork(network, { input: given }), await runOnnx(bytes, { input: given })];
  expect(wanted.y && relativeError(found.y, wanted.y)).toBeLessThan(0.03);
});

test('the mean that rounding takes away is in the bias', async () => {
  const network = convolution({ channels: 16, out: 8, kernel: 1 });
  const given = input([1, 16, 24, 24], (u) => 1 + u);
  const float = (await runNetwork(network, { input: given })).y;
  const meanError = async (correctBias: boolean) => {
    const { y } = await runOnnx(bytesOf(await quantized(network, given, { weightBits: 7, correctBias })), {
      input: given,
    });
    const size = 24 * 24;
    return Math.max(
      ...Array.from({ length: 8 }, (_, c) => {
        const sum = (of: Tensor | undefined) =>
          (of?.data.subarray(c * size, (c + 1) * size) ?? new Float32Array()).reduce((a, b) => a + b, 0);
        return Math.abs(sum(float) - sum(y)) / size;
      }),
    );
  };
  expect(await meanError(true)).toBeLessThan((await meanError(false)) / 3);
});

test.each<WeightBits>([7, 8])('a bias far larger than the products fits in 32 bits (%i)', async (weightBits) => {
  const base = convolution({ channels: 4, out: 2, kernel: 1 });
  const network: Network = {
    graph: base.graph,
    parameters: (name) =>
      name.endsWith('bias')
        ? tensor([2], Float32Array.of(1000, -5))
        : tensor([2, 4, 1, 1], new Float32Array(8).fill(1e-9)),
  };
  const given = input([1, 4, 4, 4], (u) => u);
  const { y } = await runOnnx(bytesOf(await quantized(network, given, { weightBits })), { input: given });
  expect(relativeError(y, (await runNetwork(network, { input: given })).y ?? given)).toBeLessThan(0.01);
});
