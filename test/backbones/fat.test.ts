import { expect, test } from 'vitest';
import { fat } from '../../backbones/fat.js';
import { tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import { optimise } from '../../graph/passes/index.js';
import { formulaInput, formulaValue } from '../formula_weights.js';
import { readSafetensors } from '../read_safetensors.js';
import { onnxBytes, relativeError, runOnnx } from '../run_network.js';
import { VARIANTS } from './variants.js';

VARIANTS.fat.small();

function features(config: object) {
  const g = graphBuilder();
  const pyramid = fat.build(g.scope('backbone'), g.input('input', 3), fat.schema.parse(config));
  const outputs = pyramid.map(({ value, stride }) => ({ name: `c${Math.log2(stride)}`, value }));
  return { strides: pyramid.map(({ stride }) => Number(stride)), graph: g.finish(outputs) };
}

/** Made by the public code with the formula weights: sizes at which no stage but the first divides evenly. */
test('takes sizes that are no multiples of 32, as the public code does', async () => {
  const values = readSafetensors(new URL('../fixtures/backbones/fat_b0_odd.safetensors', import.meta.url));
  const { graph } = features({ arch: 'b0' });
  const parameters = (name: string) => {
    const shape = graph.parameters.get(name)?.shape ?? [];
    return tensor(shape, formulaValue(name.replace('backbone.', ''), shape));
  };
  const sizes = ['45x61', '33x37'];
  const inputs = sizes.map((size) => {
    const shape = [1, 3, ...size.split('x').map(Number)];
    return { input: tensor(shape, formulaInput(`input.${size}`, shape)) };
  });
  const outputs = await runOnnx(onnxBytes(optimise({ graph, parameters })), ...inputs);
  for (const [i, size] of sizes.entries()) {
    for (const name of ['c2', 'c3', 'c4', 'c5']) {
      const error = relativeError(outputs[`${i}.${name}`], values.float32(`${size}.${name}`));
      expect(error, `${size} ${name}`).toBeLessThan(1e-5);
    }
  }
});

test('out_indices picks stages', () => {
  expect(features({ arch: 'b0', out_indices: [3, 1] }).strides).toEqual([8, 32]);
});
