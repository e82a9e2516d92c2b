import { describe, expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../../configs/index.js';
import { type Tensor, tensor } from '../../../core/tensor.js';
import type { GraphBuilder, GraphRoot } from '../../../graph/builder.js';
import type { Network } from '../../../graph/graph.js';
import { optimise, specialise } from '../../../graph/passes/index.js';
import { channelClasses } from '../../../graph/quantization/channel_classes.js';
import { equaliseLayers } from '../../../graph/quantization/equalise.js';
import type { Value } from '../../../graph/value.js';
import { buildModel } from '../../../tasks/build_model.js';
import { formulaInput } from '../../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { expectSame, network } from '../passes/networks.js';
import { runPass } from '../passes/run_pass.js';
import { evenness, inputRanges, outputRanges, uneven } from './naive_ranges.js';

type Build = (g: GraphRoot, x: Value) => Value;
const conv = (g: GraphBuilder, name: string, x: Value, out: number, kernel = 3) =>
  g.scope(name).conv(x, { out, kernel });
/** The parameters that equalisation has changed. */
const changed = ({ graph }: Network) =>
  [...graph.parameters.keys()].flatMap((name) => (name.endsWith('.equalised') ? [name.slice(0, -10)] : []));
const depthwise = (g: GraphBuilder, name: string, x: Value) =>
  g.scope(name).conv(x, { out: x.channels, kernel: 3, groups: x.channels });

const NETWORKS: readonly (readonly [name: string, build: Build])[] = [
  ['two convolutions with a ReLU between', (g, x) => conv(g, 'b', g.relu(conv(g, 'a', x, 16)), 5)],
  ['nothing between', (g, x) => conv(g, 'b', conv(g, 'a', x, 16), 5)],
  ['a depthwise one in the middle', (g, x) => conv(g, 'c', g.relu(depthwise(g, 'b', g.relu(conv(g, 'a', x, 16)))), 5)],
  [
    'grouped, transposed and linear ones',
    (g, x) => {
      const grouped = g.scope('b').conv(g.relu(conv(g, 'a', x, 12)), { out: 24, kernel: 3, groups: 4 });
      const up = g.scope('c').convTranspose(g.relu(grouped), { out: 12, kernel: 4, stride: 2, pad: 1, groups: 3 });
      return g.scope('e').linear(g.relu(g.scope('d').linear(up, { out: 9 })), { out: 3, bias: false });
    },
  ],
  [
    'poolings, crops and enlargements',
    (g, x) => {
      const pooled = g.emit('maxPool', [g.relu(conv(g, 'a', x, 16))], { kernel: 3, stride: 2, pad: 1 });
      const averaged = g.emit('averagePool', [g.emit('averageAround', [pooled], { kernel: 3 })], { kernel: 2 });
      const enlarged = g.emit(
        'resizeNearest',
        [g.emit('resizeBilinear', [averaged], { factor: 2, alignCorners: false })],
        {
          factor: 2,
        },
      );
      return conv(g, 'b', g.cropLike(g.emit('scale', [enlarged], { factor: -3 }), pooled), 5);
    },
  ],
  [
    'a sum that skips a layer, with several readers',
    (g, x) => {
      const stem = g.relu(conv(g, 'stem', x, 16));
      const sum = g.relu(g.add(conv(g, 'b', g.relu(conv(g, 'a', stem, 12)), 16), stem));
      return g.add(conv(g, 'c', sum, 5), conv(g, 'd', sum, 5, 1));
    },
  ],
  [
    'maps side by side',
    (g, x) => {
      const both = g.emit('concatenate', [g.relu(conv(g, 'a', x, 4)), g.relu(conv(g, 'b', x, 6))], {});
      return conv(g, 'c', both, 5);
    },
  ],
  [
    'weights that levels of a pyramid share',
    (g, x) => {
      const fine = conv(g, 'fine', x, 16);
      const coarse = g.emit('maxPool', [conv(g, 'coarse', x, 16)], { kernel: 2, stride: 2, pad: 0 });
      const head = (value: Value) => conv(g, 'out', g.relu(conv(g, 'tower', value, 16)), 5);
      return g.add(head(fine), g.resizeNearestLike(head(coarse), fine));
    },
  ],
  [
    'a gate whose factors a sigmoid makes',
    (g, x) => {
      const map = g.relu(conv(g, 'a', x, 16));
      const factors = g.emit('sigmoid', [conv(g, 's', g.emit('averageToPixel', [map], {}), 16, 1)], {});
      return conv(g, 'b', g.emit('gate', [map, factors], {}), 5);
    },
  ],
];

test.each(NETWORKS)('%s: the same function, with more even weights', async (_, build) => {
  const before = uneven(network(build));
  const after = runPass(before, equaliseLayers);
  expect(changed(after).length).toBeGreaterThan(1);
  expect(evenness(after)).toBeGreaterThan(evenness(before));
  await expectSame(before, after);
});

test.each<readonly [name: string, build: Build]>([
  ['ReLU6', (g, x) => conv(g, 'b', g.emit('relu6', [conv(g, 'a', x, 16)], {}), 5)],
  ['Hardswish', (g, x) => conv(g, 'b', g.emit('hardswish', [conv(g, 'a', x, 16)], {}), 5)],
  ['SiLU', (g, x) => conv(g, 'b', g.emit('silu', [conv(g, 'a', x, 16)], {}), 5)],
  [
    'a product of two maps',
    (g, x) => conv(g, 'b', g.emit('multiply', [conv(g, 'a', x, 4), conv(g, 'c', x, 4)], {}), 5),
  ],
  ['a norm', (g, x) => conv(g, 'b', g.scope('n').groupNorm(conv(g, 'a', x, 16), 4), 5)],
  ['a sum with what comes in', (g, x) => conv(g, 'b', g.add(conv(g, 'a', x, 8), x), 5)],
])('nothing passes through %s', (_, build) => {
  expect(changed(runPass(uneven(network(build)), equaliseLayers))).toEqual([]);
});

test('nothing of what an output gives is scaled', () => {
  const before = uneven(network((g, x) => g.relu(conv(g, 'b', g.relu(conv(g, 'a', x, 16)), 5))));
  expect(changed(runPass(before, equaliseLayers))).toEqual(['a.weight', 'b.weight', 'a.bias']);
});

/** What is left of numbers when the factor that all share is taken out: each over their geometric mean. */
const relative = (numbers: readonly number[]) => {
  const mean = Math.exp(numbers.reduce((sum, number) => sum + Math.log(number), 0) / numbers.length);
  return numbers.map((number) => number / mean);
};
const expectAlike = (actual: readonly number[], expected: readonly number[]) => {
  const quotients = relative(actual).map((number, i) => number / (relative(expected)[i] ?? 0));
  for (const quotient of quotients) expect(quotient).toBeCloseTo(1, 2);
};

test('two layers end at the geometric mean of their ranges, channel by channel', () => {
  const before = uneven(network((g, x) => conv(g, 'b', g.relu(conv(g, 'a', x, 16)), 5)));
  const after = runPass(before, equaliseLayers);
  const read = inputRanges(before, 'b');
  const means = outputRanges(before, 'a').map((range, i) => Math.sqrt(range * (read[i] ?? 0)));
  expectAlike(outputRanges(after, 'a'), means);
  expectAlike(inputRanges(after, 'b'), means);
});

test('three layers, the middle one depthwise, end at the cube root of the product of their ranges', () => {
  const before = uneven(network((g, x) => conv(g, 'c', g.relu(depthwise(g, 'b', g.relu(conv(g, 'a', x, 16)))), 5)));
  const after = runPass(before, equaliseLayers);
  const [middle, last] = [outputRanges(before, 'b'), inputRanges(before, 'c')];
  const roots = outputRanges(before, 'a').map((range, i) => Math.cbrt(range * (middle[i] ?? 0) * (last[i] ?? 0)));
  for (const ranges of [outputRanges(after, 'a'), outputRanges(after, 'b'), inputRanges(after, 'c')]) {
    expectAlike(ranges, roots);
  }
});

test('channels of zeros stay, and those whose weights have all but died are not raised without bound', async () => {
  const plain = network((g, x) => conv(g, 'b', g.relu(conv(g, 'a', x, 16)), 5));
  const fanIn = 8 * 9;
  const factors = [0, 1e-12];
  const dying: Network = {
    graph: plain.graph,
    parameters: (name) => {
      const { shape, data } = plain.parameters(name);
      if (name !== 'a.weight') return tensor(shape, data);
      return tensor(
        shape,
        data.map((value, i) => value * (factors[Math.floor(i / fanIn)] ?? 1)),
      );
    },
  };
  const after = runPass(dying, equaliseLayers);
  const [before, raised] = [dying.parameters('a.bias').data, after.parameters('a.bias.equalised').data];
  expect(raised[0]).toBe(before[0]);
  expect((raised[1] ?? 0) / (before[1] ?? 0)).toBeCloseTo(32, 3);
  await expectSame(dying, after);
});

test('weights that are fed with every run stay as they are', () => {
  const { graph, parameters } = uneven(network((g, x) => conv(g, 'b', g.relu(conv(g, 'a', x, 16)), 5)));
  const fed = new Map([...graph.parameters].map(([name, parameter]) => [name, { ...parameter, fed: true } as const]));
  expect(channelClasses({ ...graph, parameters: fed }).free.includes(1)).toBe(false);
  expect(changed(runPass({ graph: { ...graph, parameters: fed }, parameters }, equaliseLayers))).toEqual([]);
});

describe('shipped networks, their weights drawn by name', () => {
  const small = { backbone: { base_channels: 16 }, neck: { in_channels: [16, 32, 64, 128], out_channels: 16 } };
  const { model: r18 } = SHIPPED_CONFIGS.retinanet_r18_fpn_1x_coco;
  const narrow = {
    ...r18,
    backbone: { ...r18.backbone, ...small.backbone },
    neck: { ...r18.neck, ...small.neck },
    bbox_head: { ...r18.bbox_head, in_channels: 16, feat_channels: 16 },
  };
  test.each([
    ['retinanet_r18_fpn_1x_coco, narrower', narrow, 38],
    ['atss_lowformer-xs_fpn_8e_scenes-256x256', SHIPPED_CONFIGS['atss_lowformer-xs_fpn_8e_scenes-256x256'].model, 19],
    ['sem-fpn_lowformer-xs_8e_scenes-256x256', SHIPPED_CONFIGS['sem-fpn_lowformer-xs_8e_scenes-256x256'].model, 20],
    ['sem-fpn_cpubone-nano_40k', SHIPPED_CONFIGS['sem-fpn_cpubone-nano_40k_ade20k-512x512'].model, 20],
  ] as const)('%s', async (_, model, layers) => {
    const before = specialise(kept(uneven(optimise(formulaNetwork(buildModel(model).graph)))), 32);
    const after = kept(runPass(before, equaliseLayers));
    expect(changed(after).filter((key) => /weight|turned/.test(key)).length).toBeGreaterThanOrEqual(layers);
    expect(evenness(after)).toBeGreaterThan(evenness(before));
    const shape = [1, 3, 64, 96];
    const inputs = { input: tensor(shape, formulaInput('input.64x96', shape)) };
    const [expected, actual] = [await runNetwork(before, inputs), await runNetwork(after, inputs)];
    for (const [key, reference] of Object.entries(expected)) {
      expect(relativeError(actual[key], reference), key).toBeLessThan(1e-5);
    }
  });
});

/** A network whose parameters are made once. */
function kept({ graph, parameters }: Network): Network {
  const made = new Map<string, Tensor>();
  return {
    graph,
    parameters: (name) => {
      const tensor = made.get(name) ?? parameters(name);
      made.set(name, tensor);
      return tensor;
    },
  };
}
