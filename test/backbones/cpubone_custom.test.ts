/** `arch: 'custom'` against the official code (cpubone_model.py), flag by flag. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cpubone } from '../../backbones/cpubone.js';
import { tensor } from '../../core/tensor.js';
import { graphBuilder } from '../../graph/builder.js';
import { countParameters } from '../../graph/count.js';
import { optimise } from '../../graph/passes/index.js';
import { formulaInput } from '../formula_weights.js';
import { readSafetensors } from '../read_safetensors.js';
import { formulaNetwork, relativeError, runNetwork } from '../run_network.js';

const fixture = (name: string) => new URL(`../fixtures/backbones/${name}`, import.meta.url);
const cases = z
  .record(
    z.string(),
    z.object({
      widths: z.array(z.number()),
      depths: z.array(z.number()),
      flags: z.record(z.string(), z.union([z.boolean(), z.number()])),
      parameters: z.number(),
      state_dict: z.array(z.tuple([z.string(), z.array(z.number())])),
    }),
  )
  .parse(JSON.parse(readFileSync(fixture('cpubone_custom.json'), 'utf8')));
const values = readSafetensors(fixture('cpubone_custom.safetensors'));

describe.each(Object.entries(cases))('custom CPUBone, case %s', (name, reference) => {
  const { widths, depths, flags } = reference;
  const g = graphBuilder();
  const config = cpubone.schema.parse({ arch: 'custom', widths, depths, flags });
  const features = cpubone.build(g.scope('backbone'), g.input('input', 3, cpubone.sizeDivisor), config);
  const graph = g.finish(features.map(({ value }, i) => ({ name: `c${i + 2}`, value })));

  test('keys and parameters', () => {
    expect([...graph.parameters.values()].map((parameter) => [parameter.name, parameter.shape])).toEqual(
      reference.state_dict,
    );
    expect(countParameters(graph)).toBe(reference.parameters);
  });

  test('feature maps', async () => {
    const shape = [1, 3, 64, 96];
    const input = tensor(shape, formulaInput(`input.${name}`, shape));
    const outputs = await runNetwork(optimise(formulaNetwork(graph)), { input });
    for (const key of ['c2', 'c3', 'c4', 'c5']) {
      expect(relativeError(outputs[key], values.float32(`${name}.${key}`)), key).toBeLessThan(1e-5);
    }
  });
});

test('out_indices picks stages; a stage without its strided block is refused', () => {
  const build = (config: object) => {
    const g = graphBuilder();
    return cpubone.build(g, g.input('input', 3), cpubone.schema.parse(config)).map(({ stride }) => Number(stride));
  };
  expect(build({ arch: 'nano', out_indices: [1, 3] })).toEqual([8, 32]);
  expect(() => build({ arch: 'custom', widths: [4, 8, 8, 8, 8], depths: [0, 1, 0, 1, 1] })).toThrow(
    'CPUBone: depths[2]: expected at least 1 but received 0',
  );
});
