/** `arch: 'custom'` against the official code (cpubone_model.py), flag by flag. */
import { describe, expect, test } from 'vitest';
import { cpubone } from '../../backbones/cpubone.js';
import { graphBuilder } from '../../graph/builder.js';
import { describeCustom } from './custom_parity.js';

describe('custom CPUBone', () => {
  describeCustom('cpubone_custom', [64, 96], (custom) => {
    const g = graphBuilder();
    const features = cpubone.build(
      g.scope('backbone'),
      g.input('input', 3, cpubone.sizeDivisor),
      cpubone.schema.parse(custom),
    );
    return g.finish(features.map(({ value }, i) => ({ name: `c${i + 2}`, value })));
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
