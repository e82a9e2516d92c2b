import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { graphBuilder } from '../../../graph/builder.js';
import type { OnnxPrecision } from '../../../graph/onnx/precision.js';
import { writeOnnx } from '../../../graph/onnx/write.js';
import { optimise } from '../../../graph/passes/index.js';
import { buildModel } from '../../../tasks/build_model.js';
import { formulaInput } from '../../formula_weights.js';
import { needs } from '../../needs.js';
import { hasPythonPackage, PYTHON } from '../../python.js';
import { BACKBONE_CONFIGS, modelsOf } from '../../registry/sample_configs.js';
import { formulaNetwork, onnxBytes, relativeError, runOnnx } from '../../run_network.js';

const SHAPE = [1, 3, 64, 96];
const input = tensor(SHAPE, formulaInput('input.64x96', SHAPE));

/**
 * Every backbone under one head of each task. Of a float32 network's largest value float16 keeps 11 bits (4.9e-4) a
 * layer; measured are 2.1e-3 for the feature maps at most, and 3.3e-3 behind the four more layers of a box head (up to
 * 5.5e-3 where the head has group norm, which is not bounded here).
 */
const BOUND = { features: 2.5e-3, outputs: 4e-3 };
const HEADS = ['PISARetinaHead', 'FPNHead', 'FATClsHead'];
const models = [
  ...new Map(
    modelsOf(BACKBONE_CONFIGS)
      .filter(({ title }) => HEADS.some((head) => title.endsWith(head)))
      .map((sample) => [keyOf(sample.model), sample]),
  ).values(),
];

function keyOf(model: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([
    ['SingleStageDetector', 'ATSS', 'FCOS'].includes(String(model.type)) ? 'RetinaNet' : model.type,
    model.backbone,
  ]);
}

const folder = mkdtempSync(join(tmpdir(), 'lowformer-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written: string[] = [];

describe.each(models)('$title, in float16', ({ model }) => {
  const network = optimise(formulaNetwork(buildModel(model).wholeGraph));
  const [whole, half] = [onnxBytes(network), onnxBytes(network, 'float16')];

  test('agrees with float32 from float32 inputs to float32 outputs, in half the weights', async () => {
    const expected = await runOnnx(whole, { input });
    const actual = await runOnnx(half, { input });
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, reference] of Object.entries(expected)) {
      const bound = /^[cp]\d$/.test(name) ? BOUND.features : BOUND.outputs;
      expect(relativeError(actual[name], reference), name).toBeLessThan(bound);
    }
    expect(whole.length - half.length).toBeGreaterThan(0.45 * weightBytes(network.graph.parameters.values()));
    const file = join(folder, `${written.length}.onnx`);
    writeFileSync(file, half);
    written.push(file);
  });
});

function weightBytes(parameters: Iterable<{ readonly shape: readonly number[] }>): number {
  return [...parameters].reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
}

test('onnx.checker accepts every one of them', needs('onnx', hasPythonPackage('onnx')), () => {
  expect(written).toHaveLength(models.length);
  const program = 'import onnx, sys\nfor f in sys.argv[1:]: onnx.checker.check_model(onnx.load(f), full_check=True)';
  execFileSync(PYTHON, ['-c', program, ...written]);
});

test('running statistics that a float16 could not hold stay float32', async () => {
  const g = graphBuilder();
  const graph = g.finish([{ name: 'y', value: g.batchNorm(g.input('x', 2)) }]);
  const values: Readonly<Record<string, readonly number[]>> = {
    weight: [1, 1],
    bias: [0, 0],
    running_mean: [0, 70000],
  };
  const parameters = (name: string) => tensor([2], Float32Array.from(values[name] ?? [1e-8, 1e-8]));
  const outputs = await runOnnx(onnxBytes({ graph, parameters }, 'float16'), {
    x: tensor([1, 2, 1, 1], Float32Array.of(0.5, 0)),
  });
  expect(outputs.y?.data[0]).toBeCloseTo(0.5 / Math.sqrt(1e-5 + 1e-8), 0);
});

test('a sum that is given out twice, and an input that is given out, carry their names', async () => {
  const g = graphBuilder();
  const x = g.input('x', 2);
  const sum = g.add(x, x);
  const outputs = { first: sum, second: sum, same: x };
  const graph = g.finish(Object.entries(outputs).map(([name, value]) => ({ name, value })));
  const feeds = { x: tensor([1, 2, 1, 1], Float32Array.of(0.5, 3)) };
  const results = await runOnnx(
    onnxBytes({ graph, parameters: () => tensor([0], new Float32Array()) }, 'float16'),
    feeds,
  );
  expect(Object.entries(results).map(([name, { data }]) => [name, ...data])).toEqual([
    ['first', 1, 6],
    ['second', 1, 6],
    ['same', 0.5, 3],
  ]);
});

test('a weight that is too large is named', () => {
  const g = graphBuilder();
  const graph = g.finish([{ name: 'y', value: g.scope('narrow').conv(g.input('x', 2), { out: 1, kernel: 1 }) }]);
  const parameters = (name: string) => {
    const shape = graph.parameters.get(name)?.shape ?? [];
    return tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(70000));
  };
  const write = (precision: OnnxPrecision) => [...writeOnnx({ graph, parameters }, { precision }).chunks()];
  expect(() => write('float16')).toThrow(
    'narrow.weight: expected weights that float16 can hold, up to 65504 but received 70000. Use float32',
  );
  expect(write('float32').length).toBeGreaterThan(0);
});

test('attention and statistics are calculated in float32', async () => {
  const g = graphBuilder();
  const x = g.input('x', 4);
  // Averages over values whose sum is beyond float16's range.
  const graph = g.finish([{ name: 'y', value: g.emit('globalAveragePool', [x], {}) }]);
  const shape = [1, 4, 64, 64];
  const feeds = { x: tensor(shape, new Float32Array(4 * 64 * 64).fill(1000)) };
  const bytes = onnxBytes({ graph, parameters: () => tensor([0], new Float32Array()) }, 'float16');
  expect([...((await runOnnx(bytes, feeds)).y?.data ?? [])]).toEqual([1000, 1000, 1000, 1000]);
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  expect(session.inputMetadata).toMatchObject([{ type: 'float32' }]);
  expect(session.outputMetadata).toMatchObject([{ type: 'float32' }]);
  await session.release();
});
