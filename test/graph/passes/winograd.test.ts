import { describe, expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { createEngine } from '../../../engines/index.js';
import { graphBuilder } from '../../../graph/builder.js';
import { countMacs } from '../../../graph/count.js';
import type { Network } from '../../../graph/graph.js';
import { KERNEL, PIXELS, RESULT } from '../../../graph/operations/winograd.js';
import { runPasses, specialise, winograd } from '../../../graph/passes/index.js';
import { formulaInput } from '../../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { operationNames } from './networks.js';

interface Form {
  readonly channels?: number;
  readonly out?: number;
  readonly step?: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A convolution on a map of a picture's eighth. */
function network({ channels = 64, out = 80, step = 8, options = {} }: Form = {}): Network {
  const g = graphBuilder();
  const map = g.scope('stem').conv(g.input('input', 3), { out: channels, kernel: step, stride: step, pad: 0 });
  const value = g.scope('tower').conv(g.relu(map), { out, kernel: 3, ...options });
  return formulaNetwork(g.finish([{ name: 'y', value }]));
}

const NOTHING = tensor([0], new Float32Array());

const picture = (n: number, height: number, width: number) => {
  const shape = [n, 3, height, width];
  return { input: tensor(shape, formulaInput('tiles', shape)) };
};

test('the transforms of six pixels and three taps are a convolution of four', () => {
  const times = (matrix: readonly (readonly number[])[], vector: readonly number[]) =>
    matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));
  const pixels = [3, -1, 4, 1, -5, 9];
  const taps = [2, -7, 1];
  const [p, k] = [times(PIXELS, pixels), times(KERNEL, taps)];
  const result = times(
    RESULT,
    p.map((value, i) => value * (k[i] ?? 0)),
  );
  const expected = [0, 1, 2, 3].map((at) => taps.reduce((sum, tap, i) => sum + tap * (pixels[at + i] ?? 0), 0));
  for (const [i, value] of result.entries()) expect(value).toBeCloseTo(expected[i] ?? 0, 12);
});

describe('a convolution by tiles', () => {
  test.each([
    [1, 64, 96],
    [2, 40, 72],
    [1, 8, 8],
    [3, 88, 16],
  ])('is the convolution to its border, %d pictures of %dx%d', async (n, height, width) => {
    for (const options of [{}, { bias: false }]) {
      const before = network({ options });
      const after = runPasses(before, [winograd]);
      expect(operationNames(after)).toEqual(['conv', 'relu', 'winogradConv']);
      const [expected, actual] = [
        await runNetwork(before, picture(n, height, width)),
        await runNetwork(after, picture(n, height, width)),
      ];
      expect(actual.y?.shape).toEqual(expected.y?.shape);
      expect(relativeError(actual.y, expected.y ?? NOTHING)).toBeLessThan(3e-6);
    }
  });

  test('takes a quarter of the multiplications', () => {
    const before = network({ channels: 128, out: 256 });
    const macs = (of: Network) => countMacs(of.graph, { input: [1, 3, 512, 512] }, ({ scope }) => scope === 'tower');
    expect(macs(runPasses(before, [winograd])) / macs(before)).toBe(0.25);
  });

  test.each([
    [96, true],
    [32, true],
    [64, true],
    [16, false],
    [8, false],
    [1, false],
  ])('crops nothing where sizes are multiples of %d: %s', async (divisor, whole) => {
    const before = divisor === 1 ? network() : specialise(network(), divisor);
    const after = runPasses(before, [winograd], { divisor });
    expect(after.graph.nodes.find(({ operation }) => operation === 'winogradConv')?.attributes).toMatchObject({
      whole,
    });
    const feeds = picture(1, Math.max(5 * divisor, 40), Math.max(divisor, 24));
    const [expected, actual] = [await runNetwork(before, feeds), await runNetwork(after, feeds)];
    expect(relativeError(actual.y, expected.y ?? NOTHING)).toBeLessThan(3e-6);
  });

  test('is the same in TensorFlow.js', async () => {
    const before = network();
    const feeds = picture(2, 40, 72);
    const { y } = await runNetwork(before, feeds);
    await using engine = await createEngine('tfjs', runPasses(before, [winograd]), { device: 'cpu' });
    expect(relativeError((await engine.run(feeds)).y, y ?? NOTHING)).toBeLessThan(3e-6);
  });
});

describe('a convolution stays', () => {
  test.each<[string, Form]>([
    ['of few channels', { channels: 32 }],
    ['to few channels', { out: 36 }],
    ['on the finest maps', { step: 4 }],
    ['on coarse ones', { step: 32 }],
    ['that meets few pixels', { step: 16 }],
    ['of another kernel', { options: { kernel: 5 } }],
    ['of a stride', { options: { stride: 2 } }],
    ['of gaps', { options: { dilation: 2, pad: 2 } }],
    ['of groups', { out: 64, options: { groups: 2 } }],
    ['without padding', { options: { pad: 0 } }],
  ])('%s', (_, form) => {
    expect(operationNames(runPasses(network(form), [winograd]))).not.toContain('winogradConv');
  });
});
