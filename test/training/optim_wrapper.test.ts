import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { graphBuilder } from '../../graph/builder.js';
import { parsePart } from '../../registry/parse_module.js';
import { createOptimWrapper, type OptimWrapperOptions } from '../../training/optim_wrapper/optim_wrapper.js';
import { optimWrapperSchema } from '../../training/optim_wrapper/schema.js';
import {
  moduleKinds,
  type TrainedParameter,
  trainedParameters,
} from '../../training/optim_wrapper/trained_parameter.js';
import { OPTIMISERS } from '../../training/optimisers/index.js';
import { defineOptimiser } from '../../training/optimisers/update_rule.js';
import { readSafetensors } from '../read_safetensors.js';
import { difference, gradientsOf, mmengine, networkOf, optimiserCases, tinyParameters } from './fixtures.js';

const parse = (config: unknown) => parsePart(optimWrapperSchema, config, { path: 'optim_wrapper' });
const create = (config: unknown, parameters: readonly TrainedParameter[], options?: OptimWrapperOptions) =>
  createOptimWrapper(parse(config), parameters, options);
const expected = readSafetensors(new URL('../fixtures/training/optimisers.safetensors', import.meta.url).pathname);

describe('a step is PyTorch’s, within 1e-6', () => {
  test.each(Object.keys(optimiserCases).filter((name) => !name.startsWith('ema')))('%s', (name) => {
    const found = optimiserCases[name];
    if (found === undefined || !('steps' in found)) throw new Error(`no case ${name}`);
    const parameters = tinyParameters();
    const wrapper = create(found.optim_wrapper, parameters);
    for (let step = 0; step < found.steps; step++) {
      wrapper.update(gradientsOf(parameters, (key) => `input.${name}.${key}.grad${step}`, 0.5));
    }
    for (const { name: key, data } of parameters) {
      expect(difference(data, expected.float32(`${name}.${key}`).data), key).toBeLessThan(1e-6);
    }
  });

  test.each(Object.entries(mmengine.optimisers))('%s', (name, { optim_wrapper: config, steps, ...reference }) => {
    const parameters = networkOf(name);
    const wrapper = create(config, parameters, { maxIterations: reference.max_iterations ?? undefined });
    for (let step = 0; step < steps; step++) {
      wrapper.update(gradientsOf(parameters, (key) => `more.${name}.${key}.${step}`));
    }
    for (const { name: key, data } of parameters) {
      expect(difference(data, reference.values[key] ?? []), key).toBeLessThan(1e-6);
    }
  });
});

describe('what is saved', () => {
  test.each(Object.entries(mmengine.optimisers))('%s: goes on to the last bit after any batch', (name, reference) => {
    const gradients = (of: readonly TrainedParameter[], step: number) =>
      gradientsOf(of, (key) => `more.${name}.${key}.${step}`);
    const parameters = networkOf(name);
    const options = { maxIterations: reference.max_iterations ?? undefined };
    const whole = create(reference.optim_wrapper, parameters, options);
    let running = { wrapper: create(reference.optim_wrapper, networkOf(name), options), parameters: networkOf(name) };
    running.wrapper = create(reference.optim_wrapper, running.parameters, options);
    for (let step = 0; step < reference.steps; step++) {
      whole.update(gradients(parameters, step));
      running.wrapper.update(gradients(running.parameters, step));
      const { tensors, values } = structuredClone(running.wrapper.state());
      const next = running.parameters.map((parameter) => ({ ...parameter, data: parameter.data.slice() }));
      const wrapper = create(reference.optim_wrapper, next, options);
      wrapper.restore({ tensors, values: JSON.parse(JSON.stringify(values)) });
      running = { wrapper, parameters: next };
    }
    for (const [i, { name: key, data }] of parameters.entries()) {
      expect(running.parameters[i]?.data, key).toEqual(data);
    }
  });

  test('names its arrays as torch does, and says which state does not fit', () => {
    const parameters = networkOf('a');
    const config = { optimizer: { type: 'AdamW' }, accumulative_counts: 2 };
    const wrapper = create(config, parameters);
    wrapper.update(gradientsOf(parameters, (key) => key));
    const state = wrapper.state();
    const names = Object.keys(state.tensors).filter((name) => name.endsWith('.fc.bias'));
    expect(names).toEqual(['exp_avg', 'exp_avg_sq', 'accumulated'].map((slot) => `optimizer.${slot}.head.fc.bias`));
    const other = create({ optimizer: { type: 'SGD', lr: 1, momentum: 0.9 } }, parameters);
    expect(() => other.restore(state)).toThrow(/optimizer\.momentum_buffer\..+: expected a saved tensor of shape/);
    expect(() => other.restore({ tensors: {}, values: {} })).toThrow(/optim_wrapper: expected the state/);
  });
});

test('gradients are asked for by name and shape, and said to be clipped from what norm', () => {
  const parameters = networkOf('a');
  const clipped = create({ optimizer: { type: 'SGD', lr: 1 }, clip_grad: { max_norm: 1 } }, parameters);
  const gradients = gradientsOf(parameters, (key) => key);
  const sum = Object.values(gradients)
    .flatMap(({ data }) => [...data])
    .reduce((total, x) => total + x * x, 0);
  expect(clipped.update(gradients).norm).toBeCloseTo(Math.sqrt(sum), 5);
  const { 'head.fc.bias': left, ...others } = gradients;
  expect(left?.shape).toEqual([2]);
  expect(() => clipped.update(others)).toThrow(
    "gradient of head.fc.bias: expected a tensor of shape [2] but received 'none'",
  );
  const infinite = { ...gradients, 'head.fc.bias': { shape: [2], data: Float32Array.of(Number.NaN, 1) } };
  expect(clipped.update(infinite).norm).toBeNaN();
  const strict = { optimizer: { type: 'SGD', lr: 1 }, clip_grad: { max_norm: 1, error_if_nonfinite: true } };
  expect(() => create(strict, parameters).update(infinite)).toThrow(/finite norm/);
});

test('every learning rate is scaled, and that of a frozen key stays 0', () => {
  const config = {
    optimizer: { type: 'SGD', lr: 0.1 },
    paramwise_cfg: { custom_keys: { head: { lr_mult: 2 }, backbone: { lr_mult: 0 } } },
  };
  const wrapper = create(config, networkOf('a'), { scale: 0.5 });
  expect(wrapper.base).toEqual({ initial: 0.05, current: 0.05 });
  expect(wrapper.learningRates.map(({ current }) => current)).toEqual([0, 0.1]);
});

test('parameters that share their memory are trained once, where bypass_duplicate says so', () => {
  const [first, ...rest] = networkOf('a');
  if (first === undefined) throw new Error('no parameters');
  const shared = [first, { ...first, name: 'again' }, ...rest];
  const config = { optimizer: { type: 'SGD', lr: 1 } };
  expect(() => create(config, shared)).toThrow(
    /again: expected a parameter once, but backbone\.dw\.weight is the same/,
  );
  const once = create({ ...config, paramwise_cfg: { bypass_duplicate: true } }, shared);
  const before = first.data[0] ?? 0;
  once.update({
    ...gradientsOf(shared, () => 'g'),
    [first.name]: { shape: first.shape, data: first.data.map(() => 1) },
  });
  expect(first.data[0]).toBe(Math.fround(before - 1));
});

describe('a wrong config is said with its path', () => {
  test.each<[unknown, RegExp]>([
    [{ type: 'DeepSpeedOptimWrapper', optimizer: { type: 'SGD', lr: 1 } }, /^optim_wrapper\.type: expected /],
    [{ optimizer: { type: 'SGDD', lr: 1 } }, /^optim_wrapper\.optimizer\.type: expected .*Did you mean 'SGD'/],
    [{ optimizer: { type: 'SGD' } }, /^optim_wrapper\.optimizer\.lr: expected .*key is missing/],
    [{ optimizer: { type: 'SGD', lr: 1, momentun: 1 } }, /momentum.*Did you mean 'momentum'/],
    [
      { optimizer: { type: 'SGD', lr: 1, nesterov: true } },
      /^optim_wrapper\.optimizer\.nesterov: expected no nesterov/,
    ],
    [{ optimizer: { type: 'Adam', betas: [0.9, 1] } }, /^optim_wrapper\.optimizer\.betas\.1: /],
    [
      { optimizer: { type: 'AdamW' }, paramwise_cfg: { norm_decay_mult: 0 } },
      /^optim_wrapper\.optimizer\.weight_decay: /,
    ],
    [{ optimizer: { type: 'SGD', lr: 1 }, clip_grad: {} }, /^optim_wrapper\.clip_grad\.max_norm: expected a number/],
    [
      { optimizer: { type: 'SGD', lr: 1 }, clip_grad: { clip_value: 1 } },
      /clip_value: expected no clip_value, or type/,
    ],
    [{ optimizer: { type: 'SGD', lr: 1 }, accumulative_counts: 0 }, /^optim_wrapper\.accumulative_counts: /],
    [{ optimizer: { type: 'SGD', lr: 1 }, zero_grad: true }, /^optim_wrapper\.zero_grad: /],
  ])('%j', (config, message) => expect(() => parse(config)).toThrow(message));

  test('custom keys with an option that the optimiser does not take', () => {
    const config = { optimizer: { type: 'SGD', lr: 1 }, paramwise_cfg: { custom_keys: { head: { betas: [0, 0] } } } };
    expect(() => create(config, networkOf('a'))).toThrow(/^optim_wrapper\.paramwise_cfg\.custom_keys\.head\.betas: /);
  });
});

test('kinds of modules follow from the graph', () => {
  const g = graphBuilder();
  const x = g.input('input', 4);
  const depthwise = g.scope('dw').conv(x, { out: 4, kernel: 3, groups: 4 });
  const norm = g.scope('bn').batchNorm(depthwise);
  const graph = g.finish([{ name: 'out', value: g.scope('pw').conv(norm, { out: 2, kernel: 1 }) }]);
  expect([...moduleKinds(graph)]).toEqual([
    ['dw.weight', 'depthwise'],
    ['dw.bias', 'depthwise'],
    ['bn.weight', 'norm'],
    ['bn.bias', 'norm'],
    ['pw.weight', 'other'],
    ['pw.bias', 'other'],
  ]);
  const values = new Map(
    [...graph.parameters].map(([name, { shape }]) => [name, { shape, data: new Float32Array(1) }]),
  );
  const trained = trainedParameters(graph, values, (name) => !name.startsWith('dw'));
  expect(trained.map(({ name }) => name)).toEqual(['bn.weight', 'bn.bias', 'pw.weight', 'pw.bias']);
  expect(() => trainedParameters(graph, new Map())).toThrow('dw.weight: expected values of this parameter');
});

test('an optimiser from outside the package is one like any other', () => {
  OPTIMISERS.register(
    defineOptimiser({
      type: 'SignSGD',
      schema: z.strictObject({ lr: z.number() }),
      create: ({ lr }) => ({
        lr,
        slots: [],
        update(values, gradient, _state, _step, rate) {
          for (const [i, value] of values.entries()) values[i] = value - rate * Math.sign(gradient[i] ?? 0);
        },
      }),
    }),
  );
  const data = Float32Array.of(1, 2, 3);
  const wrapper = create({ optimizer: { type: 'SignSGD', lr: 0.5 } }, [
    { name: 'w', module: 'other', shape: [3], data },
  ]);
  wrapper.update({ w: { shape: [3], data: Float32Array.of(3, -0.1, 0) } });
  expect([...data]).toEqual([0.5, 2.5, 3]);
});
