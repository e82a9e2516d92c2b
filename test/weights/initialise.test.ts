import { expect, test } from 'vitest';
import { SHIPPED_CONFIGS } from '../../configs/index.js';
import { buildModel } from '../../tasks/build_model.js';
import { initialValue } from '../../weights/initialise.js';

test('norms start as the identity', () => {
  expect(initialValue('backbone.norm.weight', [3])).toEqual(Float32Array.of(1, 1, 1));
  expect(initialValue('backbone.norm.bias', [2])).toEqual(Float32Array.of(0, 0));
  expect(initialValue('backbone.norm.running_mean', [2])).toEqual(Float32Array.of(0, 0));
  expect(initialValue('backbone.norm.running_var', [2])).toEqual(Float32Array.of(1, 1));
  expect(initialValue('backbone.norm.num_batches_tracked', [])).toEqual(Float32Array.of(0));
});

test("RetinaHead's classifier starts at a probability of 0.01", () => {
  const { checkpointFacts } = buildModel(SHIPPED_CONFIGS['retinanet_lowformer-b0_fpn_1x_coco'].model);
  const [bias = 0] = initialValue('bbox_head.retina_cls.bias', [9], checkpointFacts);
  expect(bias).toBe(Math.fround(-4.59511985013459));
  expect(1 / (1 + Math.exp(-bias))).toBeCloseTo(0.01, 8);
  expect(initialValue('bbox_head.retina_reg.bias', [2], checkpointFacts)).toEqual(Float32Array.of(0, 0));
});

test('weights are uniform in ±1/sqrt(fan in), as torch starts them', () => {
  const values = initialValue('neck.fpn_convs.0.conv.weight', [64, 32, 3, 3]);
  const bound = 1 / Math.sqrt(32 * 9);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
  expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.999 * bound);
  expect(Math.abs(mean)).toBeLessThan(0.02 * bound);
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
});

test('a part says how its own parameters start, by a number or by all of their values', () => {
  const initial = (name: string) => ({ 'scale.gamma': 1e-6, table: Float32Array.of(3, 1, 2) })[name];
  const parts = [{ prefix: 'backbone.', initial }];
  expect(initialValue('backbone.scale.gamma', [2, 1, 1], parts)).toEqual(Float32Array.of(1e-6, 1e-6));
  expect(initialValue('backbone.table', [3], parts)).toEqual(Float32Array.of(3, 1, 2));
  expect(initialValue('backbone.norm.weight', [1], parts)).toEqual(Float32Array.of(1));
  expect(initialValue('head.scale.gamma', [1], parts)).toEqual(Float32Array.of(1));
  expect(() => initialValue('backbone.table', [4], parts)).toThrow(
    'backbone.table: expected 4 initial values for the shape [4] but received 3',
  );
});

test('the same name gives the same numbers, another name others', () => {
  expect(initialValue('a.weight', [4, 4])).toEqual(initialValue('a.weight', [4, 4]));
  expect(initialValue('a.weight', [4, 4])).not.toEqual(initialValue('b.weight', [4, 4]));
});
