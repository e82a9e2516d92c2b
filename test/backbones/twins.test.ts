/** Twins-PCPVT and Twins-SVT by mmseg: names, parameters, cost, every number. */
import { expect, test } from 'vitest';
import { pcpvt } from '../../backbones/twins.js';
import { backboneGraph } from './openmmlab_parity.js';
import { VARIANTS } from './variants.js';

VARIANTS.twins.small();

test('the packed biases start as biases do', () => {
  const config = pcpvt.schema.parse({});
  expect(pcpvt.checkpoint?.initial?.('layers.0.0.attn.attn.in_proj_bias', [192], config)).toBe(0);
  expect(pcpvt.checkpoint?.initial?.('layers.0.0.attn.attn.in_proj_weight', [192, 64], config)).toBeUndefined();
});

const small = { embed_dims: [4, 8], num_heads: [1, 2], depths: [1, 1], out_indices: [0, 1] };

test.each([
  ['PCPVT', { embed_dims: [4, 8, 8] }, 'PCPVT.embed_dims: expected 2 numbers, one for each of depths'],
  ['PCPVT', { num_heads: [3, 2] }, 'PCPVT.num_heads: expected divisors of embed_dims'],
  ['SVT', { windiow_sizes: [7] }, 'SVT.windiow_sizes: expected at least 2 numbers, one for each of depths'],
  ['SVT', { out_indices: [0, 3] }, 'SVT.out_indices: expected indices of stages, 0 to 1'],
])('%s with stages that contradict one another is refused: %j', (type, config, message) => {
  expect(() => backboneGraph({ type, ...small, ...config })).toThrow(message);
});
