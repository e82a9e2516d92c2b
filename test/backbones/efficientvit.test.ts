import { expect, test } from 'vitest';
import { EFFICIENTVIT_ARCHS, type EfficientViTArch, efficientvit } from '../../backbones/efficientvit.js';
import { graphBuilder } from '../../graph/builder.js';
import { describePeer } from './peer_parity.js';

/** The classifier's widths, as timm has them. */
const HEAD_WIDTHS = {
  b0: [1024, 1280],
  b1: [1536, 1600],
  b2: [2304, 2560],
  b3: [2304, 2560],
} as const satisfies Readonly<Record<EfficientViTArch, readonly [number, number]>>;

const archs = Object.keys(EFFICIENTVIT_ARCHS).filter((arch): arch is EfficientViTArch => arch in EFFICIENTVIT_ARCHS);

const parts = (arch: EfficientViTArch) =>
  ({
    backbone: { type: 'EfficientViT', arch },
    head: { type: 'EfficientViTClsHead', widths: HEAD_WIDTHS[arch] },
  }) as const;

for (const arch of archs) describePeer(`efficientvit_${arch}`, parts(arch));

/** Sizes that are no multiples of 32, two of them from one graph. */
describePeer('efficientvit_b0_odd', parts('b0'));

test('out_indices picks stages', () => {
  const g = graphBuilder();
  const config = efficientvit.schema.parse({ arch: 'b0', out_indices: [0, 2] });
  const features = efficientvit.build(g, g.input('input', 3), config);
  expect(features.map(({ value, stride }) => [value.channels, Number(stride)])).toEqual([
    [16, 4],
    [64, 16],
  ]);
});
