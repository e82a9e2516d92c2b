import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Tensor, type Tensors, tensor } from '../../core/tensor.js';
import { drawDemoScene } from '../../drawing/demo_scene.js';
import { createEngine, inspectDevices } from '../../engines/index.js';
import { graphBuilder } from '../../graph/builder.js';
import type { Network } from '../../graph/graph.js';
import type { OnnxPrecision } from '../../graph/onnx/precision.js';
import { type LoadOptions, loadSegmentor } from '../../models/load_model.js';
import { OPERATION_NAMES, PREDICTING_NAMES } from '../graph/operation_samples.js';
import { demoCells, differences } from '../models/demo_cells.js';
import { needs } from '../needs.js';
import { everyPixel, PIXEL_VALUES, pixelsNetwork } from '../pixel_networks.js';
import { relativeError } from '../run_network.js';
import { expectSameStep } from '../training/network/step_agreement.js';
import { unpacked } from '../unpacked_pixels.js';
import { graphicsEnvironment, hasGraphics } from './emulators.js';
import { everyOperation, INPUT, NETWORKS, OPERATIONS_INPUT } from './tiny_networks.js';
import { CHANNELS, candidatesOfEqualScores, convolutionsOf, poolingsOfEqualPixels } from './webgpu_networks.js';

/**
 * Float32 is held to 1e-5 of the largest value (measured: 2.4e-6). ONNX Runtime's WebGPU kernels sum float16 products in
 * float16, other than those of its processors' (measured: 9.4e-3 behind a whole detector, 2e-2 for one sum of 4608).
 */
const BOUNDS = { float32: 1e-5, float16: 2e-2 } as const;
const PRECISIONS: readonly OnnxPrecision[] = ['float32', 'float16'];

describe('webgpu', needs('graphics', hasGraphics), () => {
  // The driver is looked for when the first session of this process is made.
  beforeAll(() => void Object.assign(process.env, graphicsEnvironment));

  test('is found', async () => {
    expect((await inspectDevices()).devices).toContainEqual({ name: 'webgpu', available: true });
  });

  describe.each(PRECISIONS)('in %s', (precision) => {
    test.each(Object.keys(NETWORKS))('%s: gives the numbers of the CPU', async (name) => {
      const network = Object.entries(NETWORKS).find(([key]) => key === name)?.[1] ?? NETWORKS.detector;
      await expectAgreement(network, INPUT, precision);
    });

    // Nothing is trained in float16.
    const names = precision === 'float32' ? OPERATION_NAMES : PREDICTING_NAMES;
    test('every operation gives the numbers of the CPU', async () => {
      const outputs = await expectAgreement(everyOperation(names), OPERATIONS_INPUT, precision);
      expect(outputs).toEqual(names);
    });

    test.each(CHANNELS)('convolutions of %d channels', async (channels) => {
      const { network, input } = convolutionsOf(channels);
      await expectAgreement(network, input, precision);
    });
  });

  test.each(['detector', 'segmentor'] as const)(
    '%s: a step of training gives losses, gradients and statistics of the CPU',
    async (kind) => {
      await expectSameStep(kind, { engine: 'onnxruntime', device: 'webgpu' }, 1e-3);
    },
  );

  test('two models at once, and two sessions of one, give what each gives alone', async () => {
    const open = (network: Network, sessions = 1) =>
      createEngine('onnxruntime', network, { device: 'webgpu', sessions });
    await using one = await open(NETWORKS.detector, 2);
    await using other = await open(NETWORKS.segmentor);
    const [detected, segmented] = [await one.run({ input: INPUT }), await other.run({ input: INPUT })];
    const together = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 3 === 2 ? other : one).run({ input: INPUT })),
    );
    for (const [i, outputs] of together.entries()) expect(outputs, `${i}`).toEqual(i % 3 === 2 ? segmented : detected);
  });

  test('the gradient of a pooling goes to the first of equal pixels', async () => {
    await expectAgreement(poolingsOfEqualPixels(), OPERATIONS_INPUT, 'float32');
  });

  // Measured: 6e-5 px and 6e-7; 3.5 px and 4.1e-3, of cells some 100 px wide.
  test.each([
    ['float32', 0.01, 1e-4],
    ['float16', 8, 0.02],
  ] as const)('in %s a trained detector finds the cells that it finds on the CPU', async (precision, pixels, score) => {
    const [expected, actual] = [await demoCells({}), await demoCells({ device: 'webgpu', precision })];
    expect(expected.length).toBeGreaterThan(15);
    expect(actual).toHaveLength(expected.length);
    const found = differences(expected, actual);
    expect(found.pixels).toBeLessThan(pixels);
    expect(found.score).toBeLessThan(score);
  });

  test('candidates are those that the CPU chooses, to the bit', async () => {
    const { network, inputs } = candidatesOfEqualScores();
    const run = async (device: string): Promise<Tensors> => {
      await using engine = await createEngine('onnxruntime', network, { device });
      return await engine.run(inputs);
    };
    expect(await run('webgpu')).toEqual(await run('cpu'));
  });

  test('packed pixels are taken apart to the bit, in float16 as well', async () => {
    const input = everyPixel();
    for (const precision of PRECISIONS) {
      await using engine = await createEngine('onnxruntime', pixelsNetwork(), { device: 'webgpu', precision });
      const { y } = await engine.run({ input });
      expect(y, precision).toEqual(unpacked(input, PIXEL_VALUES));
    }
  });

  test('a trained detector to which bytes go, and of which candidates come back, finds the cells of the CPU', async () => {
    const passes = { packedPixels: true, topCandidates: true };
    const [expected, actual] = [await demoCells({}), await demoCells({ device: 'webgpu', passes })];
    expect(expected.length).toBeGreaterThan(15);
    expect(actual).toHaveLength(expected.length);
    const found = differences(expected, actual);
    expect(found.pixels).toBeLessThan(0.01);
    expect(found.score).toBeLessThan(1e-4);
  });

  test('a trained segmentor that gives out its labels gives those of the CPU', async () => {
    const load = (options: LoadOptions) => {
      const asset = (name: string) => fileURLToPath(new URL(`../../assets/${name}`, import.meta.url));
      return loadSegmentor(asset('scenes_segmentor.json'), {
        checkpoint: asset('scenes_segmentor.safetensors'),
        ...options,
      });
    };
    await using scores = await load({});
    await using labels = await load({ device: 'webgpu', passes: { labelMap: true, packedPixels: true } });
    const { image } = drawDemoScene(6);
    const [expected, actual] = [await scores.predict(image), await labels.predict(image)];
    const differing = actual.labels.filter((label, i) => label !== expected.labels[i]).length;
    expect(actual.labels).toHaveLength(expected.labels.length);
    expect(expected.classes.length).toBeGreaterThan(1);
    expect(differing / expected.labels.length).toBeLessThan(1e-4);
  });

  test('runs any size, and a batch, after one another', async () => {
    const runs = async (device: string): Promise<readonly Tensors[]> => {
      await using engine = await createEngine('onnxruntime', NETWORKS.segmentor, { device });
      const results: Tensors[] = [];
      for (const [n, h, w] of [
        [2, 32, 64],
        [1, 45, 37],
      ] as const) {
        const data = INPUT.data.slice(0, n * 3 * h * w);
        results.push(await engine.run({ input: { shape: [n, 3, h, w], data } }));
      }
      return results;
    };
    const [expected, actual] = [await runs('cpu'), await runs('webgpu')];
    for (const [i, tensors] of expected.entries()) expectClose(actual[i] ?? {}, tensors, BOUNDS.float32);
  });

  test.each([2 ** 12, 2 ** 18])(
    'a map that is %d times as wide and high is an error of memory, with what to do',
    async (factor) => {
      const g = graphBuilder();
      const wide = g.emit('resizeNearest', [g.input('input', 1)], { factor });
      const graph = g.finish([{ name: 'y', value: g.emit('averageToPixel', [wide], {}) }]);
      const network = { graph, parameters: () => tensor([0], new Float32Array()) };
      await using engine = await createEngine('onnxruntime', network, { device: 'webgpu' });
      await expect(engine.run({ input: tensor([1, 1, 8, 8], new Float32Array(64)) })).rejects.toMatchObject({
        code: 'out-of-memory',
        message: expect.stringMatching(/^webgpu: expected memory for a network .* Try a smaller batch/),
      });
    },
  );
});

async function expectAgreement(network: Network, input: Tensor, precision: OnnxPrecision): Promise<string[]> {
  const run = async (device: string, given: OnnxPrecision): Promise<Tensors> => {
    await using engine = await createEngine('onnxruntime', network, { device, precision: given });
    return await engine.run({ input });
  };
  const expected = await run('cpu', 'float32');
  expectClose(await run('webgpu', precision), expected, BOUNDS[precision]);
  return Object.keys(expected);
}

function expectClose(actual: Tensors, expected: Tensors, bound: number): void {
  for (const [name, reference] of Object.entries(expected)) {
    expect(relativeError(actual[name], reference), name).toBeLessThan(bound);
  }
}
