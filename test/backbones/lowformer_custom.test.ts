/** `arch: 'custom'` against the official code (lowformer_model.py), flag by flag, at a size that is no multiple of 32. */
import { describe, expect, test } from 'vitest';
import { lowformer } from '../../backbones/lowformer.js';
import { attentionHeads } from '../../backbones/lowformer_blocks.js';
import { graphBuilder } from '../../graph/builder.js';
import { describeCustom } from './custom_parity.js';

describe('custom LowFormer', () => {
  describeCustom('custom', [61, 83], (custom) => {
    const g = graphBuilder();
    const features = lowformer.build(g.scope('backbone'), g.input('input', 3), lowformer.schema.parse(custom));
    return g.finish(features.map(({ value }, i) => ({ name: `c${i + 2}`, value })));
  });
});

test.each([
  [16, 1, 8],
  [96, 1, 48],
  [128, 2, 32],
  [160, 2, 40],
  [320, 5, 32],
  [512, 8, 32],
])('%d channels have %d heads of %d', (channels, heads, headDim) => {
  expect(attentionHeads(channels)).toEqual({ heads, headDim });
});

test('out_indices picks stages; a stage without its strided block is refused', () => {
  const build = (config: object) => {
    const g = graphBuilder();
    return lowformer.build(g, g.input('input', 3), lowformer.schema.parse(config)).map(({ stride }) => Number(stride));
  };
  expect(build({ arch: 'b0', out_indices: [1, 3] })).toEqual([8, 32]);
  expect(() => build({ arch: 'custom', widths: [4, 8, 8, 8, 8], depths: [0, 0, 1, 1, 1] })).toThrow(
    'LowFormer: depths[1]: expected at least 1 but received 0',
  );
});
