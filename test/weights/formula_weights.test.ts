import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../weights/checkpoint.js';
import { fnv1a32, formulaInput, formulaValue } from '../formula_weights.js';
import { folder } from './fixtures.js';

test('the hash is FNV-1a', () => {
  expect([fnv1a32(''), fnv1a32('a'), fnv1a32('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});

test('the reference checkpoints hold the formula weights', async () => {
  using checkpoint = await openCheckpoint(join(folder, 'official_flat.pt'));
  for (const [name, tensor] of checkpoint.tensors) {
    expect({ name, values: tensor.read() }).toEqual({ name, values: formulaValue(name, tensor.shape) });
  }
});

test('inputs', () => {
  const input = formulaInput('input.64x96', [1, 3, 64, 96]);
  expect([input[0], input[1], input.at(-1)]).toEqual([1.707705020904541, -1.874263882637024, -0.9368300437927246]);
});
