/** Every rule: gradients along a direction against differences of runs, and TensorFlow.js against ONNX Runtime. */
import { describe, expect, test } from 'vitest';
import { graphBuilder } from '../../../graph/builder.js';
import { FIRST_ORDER_ONLY } from '../../../graph/gradients/rule.js';
import { gradientRules } from '../../../graph/gradients/rules/index.js';
import { runTfjs } from '../../engines/tfjs/run_tfjs.js';
import { relativeError, runNetwork } from '../../run_network.js';
import { OPERATION_NAMES, sampleGraph } from '../operation_samples.js';
import { differences, fedValues, gradientInputs, gradientNetwork } from './directional.js';
import { forms } from './forms.js';

const SIZES = [
  [1, 6, 8],
  [2, 7, 5],
] as const;

/** Constants, what reads no map, and what is flat nearly everywhere. */
const WITHOUT_INPUT = new Set([
  ...['onesLike', 'reshapeWeight'],
  ...['sign', 'within', 'oneHot', 'argmaxChannels', 'countElements'],
]);

const graphs = new Map([
  ...OPERATION_NAMES.filter((name) => gradientRules[name] !== FIRST_ORDER_ONLY && !WITHOUT_INPUT.has(name)).map(
    (name) => [name, () => sampleGraph(name)] as const,
  ),
  ...Object.entries(forms).map(([name, build]) => {
    const graph = () => {
      const g = graphBuilder();
      return g.finish([{ name: 'y', value: build(g, g.input('x', 8)) }]);
    };
    return [name, graph] as const;
  }),
]);

describe.each([...graphs.keys()])('%s', (name) => {
  const graph = () => graphs.get(name)?.() ?? sampleGraph('relu');

  test.each(SIZES)('follows differences, batch %d, %dx%d', async (n, h, w) => {
    // Where no query is positive, all that is left to divide by is epsilon: the form below has a larger one.
    if (name === 'linearAttention') return;
    // Float32 runs: a small share of the directions' lengths is all that differences can say; mistakes are larger.
    for (const { name: of, gradient, difference, scale } of await differences(graph(), [n, 8, h, w], 2e-3)) {
      expect(Math.abs(gradient - difference) / scale, `${of}: ${gradient} and ${difference}`).toBeLessThan(4e-3);
    }
  });

  test.each(SIZES)('is the same in TensorFlow.js, batch %d, %dx%d', async (n, h, w) => {
    const network = gradientNetwork(graph());
    const inputs = { ...gradientInputs(graph(), [n, 8, h, w]), ...fedValues(network) };
    const [tfjs, onnx] = [await runTfjs(network, inputs), await runNetwork(network, inputs)];
    for (const [output, expected] of Object.entries(onnx)) {
      const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (largest < 1e-4) continue;
      expect(relativeError(tfjs[output], expected), output).toBeLessThan(1e-4);
    }
  });
});
