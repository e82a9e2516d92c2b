import { expect, test } from 'vitest';
import { STEPS } from '../../../benchmarks/gpu/steps.js';

test('the steps are over within eight minutes, with unpacking and the end', () => {
  expect(
    STEPS.filter(({ device }) => device === 'webgpu').reduce((sum, { seconds }) => sum + seconds, 0),
  ).toBeLessThanOrEqual(8 * 60 - 40);
  expect(new Set(STEPS.map(({ name }) => name)).size).toBe(STEPS.length);
});
