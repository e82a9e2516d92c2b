import { test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';
import { expectSameNumbers, expectSameOperations } from './inference_forms.js';
import { describePeer } from './peer_parity.js';

const ARCHS = ['t8', 't12', 's12', 'sa12', 'sa24'] as const;
type Arch = (typeof ARCHS)[number];

const model = (arch: Arch, inference_mode: boolean) =>
  ({ backbone: { type: 'FastViT', arch, inference_mode }, head: { type: 'FastViTClsHead', inference_mode } }) as const;

for (const arch of ARCHS) describePeer(`fastvit_${arch}`, model(arch, false));
describePeer('fastvit_sa12.fused', model('sa12', true));

const graph = (arch: Arch, fused: boolean) => buildModel({ type: 'ImageClassifier', ...model(arch, fused) }).wholeGraph;

test.each(ARCHS)('%s: the passes leave what the fused form has', (arch) => {
  expectSameOperations(graph(arch, false), graph(arch, true));
});

test.each(['t8', 'sa12'] as const)('%s: the passes keep the numbers', async (arch) => {
  await expectSameNumbers(graph(arch, false));
});
