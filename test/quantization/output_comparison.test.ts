import { expect, test } from 'vitest';
import { tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import { observedValues, quantizeNetwork } from '../../graph/quantization/quantize_network.js';
import { quantizedLayers } from '../../graph/quantization/quantized_layers.js';
import { decibels, floatOutputs } from '../../quantization/output_comparison.js';
import { layerCosts, layersWithCost } from '../../quantization/sensitivity.js';
import { formulaInput } from '../formula_weights.js';
import { formulaNetwork } from '../run_network.js';

const log = { say() {}, warn() {}, progress: () => ({ timed: true, done() {}, stop() {} }) };

test('decibels are of the mean share of noise, whatever the outputs are as numbers', () => {
  expect(decibels([{ signal: 100, noise: 1 }])).toBeCloseTo(20, 10);
  expect(
    decibels([
      { signal: 1e6, noise: 1e4 },
      { signal: 1, noise: 0 },
    ]),
  ).toBeCloseTo(-10 * Math.log10(0.005), 10);
  expect(decibels([{ signal: 3, noise: 0 }])).toBe(Number.POSITIVE_INFINITY);
  expect(
    decibels([
      { signal: 0, noise: 0 },
      { signal: 2, noise: 0.2 },
    ]),
  ).toBeCloseTo(10, 10);
});

test('a layer whose range is cut costs most, and outputs are those of the whole network', async () => {
  const g = graphBuilder();
  const a = g.relu(g.scope('a').conv(g.input('input', 8), { out: 8, kernel: 3 }));
  const b = g.relu(g.scope('b').conv(a, { out: 8, kernel: 3 }));
  const value = g.scope('c').conv(b, { out: 4, kernel: 1 });
  const network = formulaNetwork(g.finish([{ name: 'y', value }]));
  const shape = [1, 8, 16, 16];
  const wide = { range: { min: -6, max: 6 } };
  const observations = new Map(
    observedValues(network).map((id) => [id, id === b.id ? { range: { min: 0, max: 0.2 } } : wide]),
  );
  const make = (float: Iterable<string>) => quantizeNetwork(network, observations, { float: new Set(float) });

  await using outputs = await floatOutputs(network, { threads: 1 });
  const { y } = await outputs.run({ input: tensor(shape, formulaInput('input', shape)) });
  expect(y?.shape).toEqual([1, 4, 16, 16]);
  const names = layersWithCost(quantizedLayers(network.graph));
  expect(names).toEqual(['a', 'b', 'c']);
  const costs = await layerCosts(names, make, outputs, log);
  // Both sides of the value that is cut.
  expect(
    costs
      .slice(0, 2)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['b', 'c']);
  expect(costs[1]?.outputSignalToNoise).toBeLessThan(15);
  expect(costs[2]?.outputSignalToNoise).toBeGreaterThan(25);
  const whole = await outputs.compare(make([]));
  expect(whole.signalToNoise).toBeLessThan(costs[2]?.outputSignalToNoise ?? 0);
  expect(whole.milliseconds.int8).toBeGreaterThan(0);
});
