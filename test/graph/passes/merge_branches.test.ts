import { describe, expect, test } from 'vitest';
import { LOWFORMER_ARCHS } from '../../../backbones/lowformer_arch.js';
import type { ConvOptions, GraphBuilder, GraphRoot } from '../../../graph/builder.js';
import { countMacs } from '../../../graph/count.js';
import type { Network } from '../../../graph/graph.js';
import { foldBatchNorm, foldConstants, mergeBranches, optimise } from '../../../graph/passes/index.js';
import type { Value } from '../../../graph/value.js';
import { buildModel } from '../../../tasks/build_model.js';
import { seededRandom } from '../../random.js';
import { formulaNetwork } from '../../run_network.js';
import { expectSame, network, operationNames } from './networks.js';
import { runPass } from './run_pass.js';

const sum = (g: GraphBuilder, values: readonly Value[]) => values.reduce((a, b) => g.add(a, b));
const convNorm = (g: GraphBuilder, x: Value, options: ConvOptions) =>
  g.scope('bn').batchNorm(g.scope('conv').conv(x, { bias: false, ...options }));

/** The convolutions that are left, as `kernel/groups`. */
const convolutions = ({ graph }: Network) =>
  graph.nodes.flatMap((node) =>
    node.operation === 'conv' ? [`${node.attributes.kernel}/${node.attributes.groups}`] : [],
  );

async function expectMerged(before: Network, left: readonly string[]): Promise<void> {
  const after = optimise(before);
  expect(operationNames(after).filter((name) => name !== 'conv')).toEqual([]);
  expect(convolutions(after)).toEqual(left);
  await expectSame(before, after);
}

describe('one convolution for', () => {
  test.each([
    [
      'two of one kernel',
      [
        { out: 6, kernel: 3 },
        { out: 6, kernel: 3, bias: false },
      ],
      '3/1',
    ],
    [
      '1x1 in 3x3',
      [
        { out: 6, kernel: 1, pad: 0 },
        { out: 6, kernel: 3 },
      ],
      '3/1',
    ],
    [
      '3x3 in 7x7, depthwise',
      [
        { out: 8, kernel: 7, groups: 8 },
        { out: 8, kernel: 3, groups: 8 },
      ],
      '7/8',
    ],
    [
      'strided ones',
      [
        { out: 6, kernel: 3, stride: 2 },
        { out: 6, kernel: 1, stride: 2 },
      ],
      '3/1',
    ],
    [
      'a depthwise one in a dense one',
      [
        { out: 8, kernel: 3 },
        { out: 8, kernel: 3, groups: 8 },
      ],
      '3/1',
    ],
    [
      'groups in fewer groups',
      [
        { out: 16, kernel: 3, groups: 2 },
        { out: 16, kernel: 1, groups: 4 },
      ],
      '3/2',
    ],
    [
      'kernels of even size',
      [
        { out: 6, kernel: 4, pad: [1, 2] as const },
        { out: 6, kernel: 2, pad: [0, 1] as const },
      ],
      '4/1',
    ],
  ])('%s', async (_, options, left) => {
    const before = network((g, x) =>
      sum(
        g,
        options.map((one, i) => g.scope(`${i}`).conv(x, one)),
      ),
    );
    await expectMerged(before, [left]);
  });

  test('branches with batch norm, one of them batch norm alone', async () => {
    const before = network((g, x) =>
      sum(g, [
        g.scope('identity').batchNorm(x),
        convNorm(g.scope('a'), x, { out: 8, kernel: 3, groups: 8 }),
        convNorm(g.scope('b'), x, { out: 8, kernel: 3, groups: 8 }),
        convNorm(g.scope('c'), x, { out: 8, kernel: 1, groups: 8 }),
      ]),
    );
    await expectMerged(before, ['3/8']);
  });

  test.each([1, 2, 8])('a convolution of %d groups and its input', async (groups) => {
    const before = network((g, x) => g.add(x, g.scope('c').conv(x, { out: 8, kernel: 5, groups })));
    await expectMerged(before, [`5/${groups}`]);
  });

  test('what is scaled, subtracted and added to the input again', async () => {
    const before = network((g, x) => {
      const mixed = g.add(g.scope('bn').batchNorm(x), convNorm(g, x, { out: 8, kernel: 3, groups: 8 }));
      const normal = g.emit('scale', [g.scope('norm').batchNorm(x)], { factor: -1 });
      return g.add(x, g.scope('scale').emit('channelScale', [g.add(mixed, normal)], {}));
    });
    await expectMerged(before, ['3/8']);
  });

  test('the branches of each of two sums in one module, which have values of their own', async () => {
    const before = network((g, x) => {
      const one = g.add(g.scope('a').conv(x, { out: 8, kernel: 3 }), x);
      return g.add(g.scope('b').conv(one, { out: 8, kernel: 3 }), one);
    });
    await expectMerged(before, ['3/1', '3/1']);
  });

  test('the same branches over several levels, whose values are stored once', () => {
    const before = network((g, x) => {
      const level = (value: Value) => g.add(g.scope('a').conv(value, { out: 8, kernel: 3 }), value);
      return level(g.relu(level(x)));
    });
    const { graph } = optimise(before);
    expect([...graph.parameters.values()].map(({ shape }) => shape)).toEqual([[8, 8, 3, 3], [8]]);
  });
});

test('a batch norm after a sum becomes part of what the sum became', async () => {
  const before = network((g, x) =>
    g.scope('bn').batchNorm(g.add(g.scope('c').conv(x, { out: 8, kernel: 3, groups: 8 }), x)),
  );
  await expectMerged(before, ['3/8']);
});

describe('stay apart:', () => {
  const separate: Readonly<Record<string, (g: GraphRoot, x: Value) => Value>> = {
    'a dense 1x1 and a depthwise 3x3, which cost more as one': (g, x) =>
      g.add(g.scope('a').conv(x, { out: 8, kernel: 1 }), g.scope('b').conv(x, { out: 8, kernel: 3, groups: 8 })),
    'convolutions of different inputs': (g, x) =>
      g.add(g.scope('a').conv(x, { out: 8, kernel: 3 }), g.scope('b').conv(g.relu(x), { out: 8, kernel: 3 })),
    'kernels whose middles differ': (g, x) =>
      g.add(
        g.scope('a').conv(x, { out: 8, kernel: 2, pad: [0, 1] }),
        g.scope('b').conv(x, { out: 8, kernel: 2, pad: [1, 0] }),
      ),
    'a convolution that something else reads': (g, x) => {
      const a = g.scope('a').conv(x, { out: 8, kernel: 3 });
      return g.emit('multiply', [g.add(a, g.scope('b').conv(x, { out: 8, kernel: 3 })), a], {});
    },
    'batch norm and its input, where no convolution is': (g, x) => g.add(g.scope('bn').batchNorm(x), x),
    'groups of which one does not hold the other': (g, x) =>
      g.add(
        g.scope('a').conv(g.scope('wide').conv(x, { out: 12, kernel: 1 }), { out: 12, kernel: 3, groups: 4 }),
        g.scope('b').conv(g.scope('wide').conv(x, { out: 12, kernel: 1 }), { out: 12, kernel: 3, groups: 6 }),
      ),
  };
  test.each(Object.entries(separate))('%s', (_, build) => {
    const before = runPass(network(build));
    expect(runPass(before, mergeBranches).graph.nodes).toEqual(before.graph.nodes);
  });
});

test('of a longer sum, what fits together merges, and the rest is added to it', async () => {
  const before = network((g, x) => {
    const y = g.relu(x);
    return sum(g, [
      g.scope('a').conv(x, { out: 8, kernel: 3 }),
      g.scope('b').conv(y, { out: 8, kernel: 3 }),
      x,
      g.scope('c').conv(x, { out: 8, kernel: 1 }),
      g.emit('silu', [y], {}),
      y,
    ]);
  });
  const after = optimise(before);
  expect(operationNames(after).filter((name) => name === 'conv')).toHaveLength(2);
  expect(operationNames(after).filter((name) => name === 'add')).toHaveLength(2);
  await expectSame(before, after);
});

test.each(Array.from({ length: 24 }, (_, seed) => seed + 1))(
  'random branches, seed %d, keep their sum',
  async (seed) => {
    const random = seededRandom(seed * 7919);
    const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
    for (let i = 0; i < 8; i++) random();
    const stride = pick([1, 2]);
    const before = network((g, x) => {
      const other = g.relu(x);
      const branch = (index: number): Value => {
        const at = g.scope(`branch${index}`);
        const source = random() < 0.8 ? x : other;
        if (stride === 1 && random() < 0.3) return random() < 0.5 ? source : diagonal(at, source);
        const options = { out: 8, kernel: pick([1, 3, 5]), groups: pick([1, 2, 4, 8]), stride, bias: random() < 0.5 };
        const convolved = at.scope('conv').conv(source, options);
        return random() < 0.5 ? diagonal(at, convolved) : convolved;
      };
      const diagonal = (at: GraphBuilder, value: Value): Value =>
        pick([
          () => at.scope('bn').batchNorm(value),
          () => at.emit('scale', [value], { factor: pick([-1, 0.5, 3]) }),
          () => at.scope('scale').emit('channelScale', [value], {}),
        ])();
      return sum(
        g,
        Array.from({ length: 2 + Math.floor(random() * 5) }, (_, index) => branch(index)),
      );
    });
    const after = optimise(before);
    const size = { input: [1, 8, 32, 32] };
    expect(countMacs(after.graph, size)).toBeLessThanOrEqual(countMacs(before.graph, size));
    expect(after.graph.nodes.length).toBeLessThanOrEqual(before.graph.nodes.length);
    await expectSame(before, after);
  },
);

describe.each(Object.keys(LOWFORMER_ARCHS))('LowFormer %s', (arch) => {
  test('has no branches: its graph comes out as it went in', () => {
    const head = { type: 'RetinaHead', num_classes: 3, feat_channels: 16 };
    const neck = { type: 'FPN', out_channels: 16, start_level: 1, add_extra_convs: 'on_input', num_outs: 5 };
    const model = buildModel({ type: 'RetinaNet', backbone: { type: 'LowFormer', arch }, neck, bbox_head: head });
    const before = runPass(runPass(formulaNetwork(model.wholeGraph), foldBatchNorm), foldConstants);
    const after = runPass(before, mergeBranches);
    expect(after.graph.nodes).toEqual(before.graph.nodes);
    expect([...after.graph.parameters]).toEqual([...before.graph.parameters]);
  });
});

test('a dilated convolution stays apart: its taps are not those of a larger kernel', async () => {
  const before = network((g, x) =>
    g.add(
      g.scope('a').conv(x, { out: 6, kernel: 3, dilation: 2, pad: 2 }),
      g.scope('b').conv(x, { out: 6, kernel: 5 }),
    ),
  );
  const after = optimise(before);
  expect(convolutions(after)).toEqual(['3/1', '5/1']);
  await expectSame(before, after);
});
