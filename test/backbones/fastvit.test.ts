import { test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';
import { expectSameNumbers, expectSameOperations } from './inference_forms.js';
import { FASTVIT, fastvit, VARIANTS } from './variants.js';

VARIANTS.fastvit.small();

const graph = (arch: (typeof FASTVIT)[number], fused: boolean) =>
  buildModel({ type: 'ImageClassifier', ...fastvit(arch, fused) }).wholeGraph;

test.each(FASTVIT)('%s: the passes leave what the fused form has', (arch) => {
  expectSameOperations(graph(arch, false), graph(arch, true));
});

test('t8: the passes keep the numbers', async () => {
  await expectSameNumbers(graph('t8', false));
});
