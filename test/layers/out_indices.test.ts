import { expect, test } from 'vitest';
import { stride } from '../../core/brands.js';
import { outIndicesSchema, pickFeatures } from '../../layers/out_indices.js';
import type { Feature } from '../../registry/feature.js';

const features = [4, 8, 16].map(
  (step, id): Feature => ({ value: { id, kind: 'map', channels: step }, stride: stride(step) }),
);

test('features come finest first, whatever the order of the indices', () => {
  expect(pickFeatures('Net', features, [2, 0]).map(({ stride }) => Number(stride))).toEqual([4, 16]);
});

test.each([[[0, 3]], [[3]]])('%j names a stage that is not there', (indices) => {
  expect(() => pickFeatures('Net', features, indices)).toThrow(
    `Net.out_indices: expected indices of stages, 0 to 2 but received`,
  );
});

test('the schema knows four stages, and asks for one', () => {
  expect(outIndicesSchema.parse(undefined)).toEqual([0, 1, 2, 3]);
  for (const wrong of [[], [4], [-1], [0.5]]) expect(outIndicesSchema.safeParse(wrong).success).toBe(false);
});
