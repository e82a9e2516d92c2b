import { test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';
import { expectSameNumbers, expectSameOperations } from './inference_forms.js';
import { MOBILEONE, mobileone, VARIANTS } from './variants.js';

VARIANTS.mobileone.small();

const graph = (arch: (typeof MOBILEONE)[number], fused: boolean) =>
  buildModel({ type: 'ImageClassifier', ...mobileone(arch, fused) }).wholeGraph;

test.each(MOBILEONE)('%s: the passes leave what the fused form has', (arch) => {
  expectSameOperations(graph(arch, false), graph(arch, true));
});

test('s0: the passes keep the numbers', async () => {
  await expectSameNumbers(graph('s0', false));
});
