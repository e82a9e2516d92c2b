import { expect, test } from 'vitest';
import { efficientvit } from '../../backbones/efficientvit.js';
import { graphBuilder } from '../../graph/builder.js';
import { describePeer } from './peer_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.efficientvit.small();

/** Sizes that are no multiples of 32, two of them from one graph. */
describePeer('efficientvit_b0_odd', {
  backbone: { type: 'EfficientViT', arch: 'b0' },
  head: { type: 'EfficientViTClsHead', widths: [1024, 1280] },
});

test('out_indices picks stages', () => {
  const g = graphBuilder();
  const config = efficientvit.schema.parse({ arch: 'b0', out_indices: [0, 2] });
  const features = efficientvit.build(g, g.input('input', 3), config);
  expect(features.map(({ value, stride }) => [value.channels, Number(stride)])).toEqual([
    [16, 4],
    [64, 16],
  ]);
});
