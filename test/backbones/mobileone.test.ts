import { test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';
import { expectSameNumbers, expectSameOperations } from './inference_forms.js';
import { describePeer } from './peer_parity.js';

const ARCHS = ['s0', 's1', 's2', 's3', 's4'] as const;
type Arch = (typeof ARCHS)[number];

const model = (arch: Arch, inference_mode: boolean) =>
  ({ backbone: { type: 'MobileOne', arch, inference_mode }, head: { type: 'LinearClsHead' } }) as const;

for (const arch of ARCHS) describePeer(`mobileone_${arch}`, model(arch, false));
describePeer('mobileone_s2.fused', model('s2', true));

const graph = (arch: Arch, fused: boolean) => buildModel({ type: 'ImageClassifier', ...model(arch, fused) }).wholeGraph;

test.each(ARCHS)('%s: the passes leave what the fused form has', (arch) => {
  expectSameOperations(graph(arch, false), graph(arch, true));
});

test.each(['s0', 's4'] as const)('%s: the passes keep the numbers', async (arch) => {
  await expectSameNumbers(graph(arch, false));
});
