import { describe, expect, test } from 'vitest';
import { parsePart } from '../../registry/parse_module.js';
import { averageSchema } from '../../training/averaging/averages.js';
import { type AveragedTensor, createMovingAverage } from '../../training/averaging/moving_average.js';
import { formulaInput } from '../formula_weights.js';
import { readSafetensors } from '../read_safetensors.js';
import { between, difference, mmengine, optimiserCases, TINY, tinyParameters } from './fixtures.js';

const parse = (config: unknown) => parsePart(averageSchema, config, { path: 'ema' });
const expected = readSafetensors(new URL('../fixtures/training/optimisers.safetensors', import.meta.url).pathname);

const networkOf = (one: string): readonly AveragedTensor[] =>
  [
    ...Object.entries(mmengine.parameters).map(([name, shape]) => ({ name, shape, kind: 'parameter' as const })),
    ...Object.entries(mmengine.buffers).map(([name, shape]) => ({ name, shape, kind: 'buffer' as const })),
  ].map(({ name, shape, kind }) => ({ name, shape, kind, data: formulaInput(`more.${one}.${name}`, shape) }));

describe('an average is mmengine’s, within 1e-6', () => {
  test.each(Object.entries(optimiserCases).filter(([name]) => name.startsWith('ema')))('%s', (name, found) => {
    if (!('momentum' in found)) throw new Error(`no case ${name}`);
    const tensors = tinyParameters().map((parameter) => ({ ...parameter, kind: 'parameter' as const }));
    const average = createMovingAverage(parse({ momentum: found.momentum }), tensors);
    for (let step = 0; step < 6; step++) {
      for (const { name: key, shape, data } of tensors) {
        const move = between(`input.ema.${key}.move${step}`, shape, 0.5).data;
        for (const [i, value] of data.entries()) data[i] = value + (move[i] ?? 0) * 0.1;
      }
      average.update(true);
    }
    for (const key of Object.keys(TINY)) {
      const { data } = expected.float32(`${name}.${key}`);
      expect(difference(average.averaged.get(key)?.data, data), key).toBeLessThan(1e-6);
    }
  });

  test.each(Object.entries(mmengine.averages))(
    '%s, and goes on from what was saved',
    (name, { config, steps, values }) => {
      const tensors = networkOf(name);
      const average = createMovingAverage(parse(config), tensors);
      let other = createMovingAverage(parse(config), tensors);
      for (let step = 0; step < steps; step++) {
        for (const { name: key, shape, data } of tensors) data.set(formulaInput(`more.${name}.${key}.${step}`, shape));
        average.update(true);
        other.update(true);
        const { tensors: saved, values: rest } = structuredClone(other.state());
        other = createMovingAverage(parse(config), tensors);
        other.restore({ tensors: saved, values: JSON.parse(JSON.stringify(rest)) });
      }
      for (const [key, { data }] of average.averaged) {
        expect(difference(data, values[key] ?? []), key).toBeLessThan(1e-6);
        expect(other.averaged.get(key)?.data, key).toEqual(data);
      }
    },
  );
});

test('until it has begun, an average is a copy', () => {
  const data = Float32Array.of(1);
  const average = createMovingAverage(parse({ momentum: 0.5 }), [{ name: 'w', kind: 'parameter', shape: [1], data }]);
  const followed = [2, 3, 4, 8].map((value, i) => {
    data[0] = value;
    average.update(i >= 2);
    return average.averaged.get('w')?.data[0];
  });
  expect(followed).toEqual([2, 3, 4, 6]);
});

test('a wrong average is said, and a name that comes twice', () => {
  expect(() => parse({ type: 'EMA' })).toThrow(/^ema\.type: expected .*ExponentialMovingAverage/);
  expect(() => parse({ momentum: 1 })).toThrow(/^ema\.momentum: /);
  const [first] = networkOf('a');
  if (first === undefined) throw new Error('no tensors');
  expect(() => createMovingAverage(parse({}), [first, first])).toThrow(
    /backbone\.dw\.weight: expected each tensor once/,
  );
});
