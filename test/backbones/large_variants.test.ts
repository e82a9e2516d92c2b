/** What the files of the families hold the small ones to, of the others. */
import { describe, test } from 'vitest';
import { buildModel } from '../../tasks/build_model.js';
import { expectSameNumbers } from './inference_forms.js';
import { describePeer } from './peer_parity.js';
import { fastvit, mobileone, VARIANTS } from './variants.js';

describe.each(Object.entries(VARIANTS))('%s', (_, { large }) => large());

describePeer('fastvit_sa12.fused', fastvit('sa12', true));
describePeer('mobileone_s2.fused', mobileone('s2', true));

test.each([
  ['FastViT sa12', fastvit('sa12', false)],
  ['MobileOne s4', mobileone('s4', false)],
])('%s: the passes keep the numbers', async (_, parts) => {
  await expectSameNumbers(buildModel({ type: 'ImageClassifier', ...parts }).wholeGraph);
});
