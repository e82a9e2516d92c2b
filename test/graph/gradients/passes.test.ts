/** What the passes make of a graph: which gradients there are, and at what cost. */
import { expect, test } from 'vitest';
import { tensor } from '../../../core/tensor.js';
import { type GraphRoot, graphBuilder } from '../../../graph/builder.js';
import { batchStatistics } from '../../../graph/gradients/batch_statistics.js';
import { differentiate } from '../../../graph/gradients/differentiate.js';
import { gradientRules } from '../../../graph/gradients/rules/index.js';
import { runPasses } from '../../../graph/passes/index.js';
import { runTfjs } from '../../engines/tfjs/run_tfjs.js';
import { formulaInput, formulaValue } from '../../formula_weights.js';
import { formulaNetwork, relativeError, runNetwork } from '../../run_network.js';
import { fedValues } from './directional.js';

const { relu: _, ...withoutRelu } = gradientRules;
// @ts-expect-error: the rule of relu is missing.
const lacking: typeof gradientRules = withoutRelu;

test('an operation without a rule does not compile', () => {
  expect(Object.keys(lacking)).toHaveLength(Object.keys(gradientRules).length - 1);
});

/** A stem, a body and a head, the head over two levels with the same weights. */
function network(g: GraphRoot) {
  const x = g.input('x', 3);
  const stem = g.scope('stem.norm').batchNorm(g.scope('stem.conv').conv(x, { out: 4, kernel: 3, stride: 2 }));
  const body = g.scope('body').conv(g.relu(stem), { out: 4, kernel: 3 });
  const levels = [body, g.emit('maxPool', [body], { kernel: 2, stride: 2, pad: 0 })];
  const [first = body, second = body] = levels.map((level) =>
    g.emit(
      'averageToPixel',
      [g.scope('head.norm').batchNorm(g.scope('head.conv').conv(level, { out: 2, kernel: 1 }))],
      {},
    ),
  );
  return g.finish([{ name: 'loss', value: g.add(first, second) }]);
}

const shape = [2, 3, 12, 10];
const inputs = { x: tensor(shape, formulaInput('x', shape)) };

test('frozen parameters stay with the network and cost nothing', () => {
  const trained = ({ name }: { readonly name: string }) => name.startsWith('head.conv');
  const { graph } = runPasses(formulaNetwork(network(graphBuilder())), [differentiate({ of: ['loss'], trained })]);
  expect(graph.outputs.map(({ name }) => name)).toEqual([
    'loss',
    'gradient.head.conv.weight',
    'gradient.head.conv.bias',
  ]);
  expect([...graph.parameters.values()].filter(({ fed }) => fed).map(({ name }) => name)).toEqual([
    'head.conv.weight',
    'head.conv.bias',
  ]);
  const backward = graph.nodes.filter(({ scope }) => scope.startsWith('gradient.'));
  expect(backward.every(({ scope }) => /^gradient\.(head|loss|$)/.test(scope))).toBe(true);
});

test('running statistics move by the share of the batch, shared ones once for each use', async () => {
  const after = async (momentum: number, name: string) => {
    const trained = runPasses(formulaNetwork(network(graphBuilder())), [batchStatistics({ momentum: () => momentum })]);
    return (await runNetwork(trained, inputs))[`after.${name}`]?.data ?? new Float32Array();
  };
  const outputs = await runNetwork(runPasses(formulaNetwork(network(graphBuilder())), [batchStatistics()]), inputs);
  expect(Object.keys(outputs).toSorted()).toEqual([
    'after.head.norm.running_mean',
    'after.head.norm.running_var',
    'after.stem.norm.running_mean',
    'after.stem.norm.running_var',
    'loss',
  ]);
  for (const name of ['stem.norm.running_mean', 'stem.norm.running_var']) {
    const [batch, moved] = [await after(1, name), await after(0.2, name)];
    formulaValue(name, [4]).forEach((old, i) => {
      expect(moved[i]).toBeCloseTo(0.8 * old + 0.2 * (batch[i] ?? Number.NaN), 5);
    });
  }
  // With all of the second batch's, half and half of both show what the first one's were.
  const name = 'head.norm.running_mean';
  const [second, halves, moved] = [await after(1, name), await after(0.5, name), await after(0.2, name)];
  formulaValue(name, [2]).forEach((old, i) => {
    const last = second[i] ?? Number.NaN;
    const first = 4 * ((halves[i] ?? Number.NaN) - 0.25 * old - 0.5 * last);
    expect(moved[i]).toBeCloseTo(0.8 * (0.8 * old + 0.2 * first) + 0.2 * last, 5);
  });
});

test('weights change from run to run without a new session, on both engines', async () => {
  const trained = runPasses(formulaNetwork(network(graphBuilder())), [
    batchStatistics(),
    differentiate({ of: ['loss'] }),
  ]);
  const weights = fedValues(trained);
  const changed = Object.fromEntries(
    Object.entries(weights).map(([name, value]) => [
      name,
      tensor(
        value.shape,
        value.data.map((one) => one * 1.1 + 0.01),
      ),
    ]),
  );
  const [before, after] = [
    await runNetwork(trained, { ...inputs, ...weights }),
    await runNetwork(trained, { ...inputs, ...changed }),
  ];
  expect(after.loss?.data).not.toEqual(before.loss?.data);
  const tfjs = await runTfjs(trained, { ...inputs, ...changed });
  for (const name of ['loss', 'gradient.head.conv.weight', 'gradient.head.norm.bias']) {
    const expected = after[name];
    if (expected === undefined) throw new Error(`no ${name}`);
    const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest > 1e-5) expect(relativeError(tfjs[name], expected), name).toBeLessThan(1e-4);
  }
});

test('what is not there is named', () => {
  const run = (options: Parameters<typeof differentiate>[0]) =>
    runPasses(formulaNetwork(network(graphBuilder())), [differentiate(options)]);
  expect(() => run({ of: ['los'] })).toThrow("differentiate: expected one of the outputs loss but received 'los'");
  expect(() => run({ of: ['loss'], inputs: ['y'] })).toThrow("expected one of the inputs x but received 'y'");
});
