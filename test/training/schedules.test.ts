import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseParamScheduler, SCHEDULES } from '../../training/schedules/index.js';
import { createParamSchedulers, type TrainingLength } from '../../training/schedules/param_schedulers.js';
import { defineSchedule, spanKeys } from '../../training/schedules/schedule.js';
import { mmengine, scheduleCases } from './fixtures.js';

const parse = (config: unknown) => parseParamScheduler(config, { path: 'param_scheduler' });

/** The rates of every iteration, stopping and going on from what was saved wherever `stops` says. */
function ratesOf(config: unknown, bases: readonly number[], length: TrainingLength, stops: readonly number[] = []) {
  let rates = bases.map((initial) => ({ initial, current: initial }));
  let schedulers = createParamSchedulers(parse(config), rates, length);
  return Array.from({ length: length.maxIterations }, (_, iteration) => {
    const now = rates.map(({ current }) => current);
    schedulers.afterIteration();
    if (length.loop === 'epochs' && (iteration + 1) % length.epochLength === 0) schedulers.afterEpoch();
    if (stops.includes(iteration)) {
      const state: unknown = JSON.parse(JSON.stringify(schedulers.state().values));
      const kept = rates.map(({ current }) => current);
      rates = bases.map((initial) => ({ initial, current: initial }));
      schedulers = createParamSchedulers(parse(config), rates, length);
      for (const [i, rate] of rates.entries()) rate.current = kept[i] ?? 0;
      schedulers.restore({ tensors: {}, values: state });
    }
    return now;
  });
}

const inIterations = (maxIterations: number, epochLength = 10): TrainingLength => ({
  loop: 'iterations',
  maxEpochs: 1,
  maxIterations,
  epochLength,
});

const relative = (actual: readonly number[], expected: readonly number[]) =>
  Math.max(...expected.map((rate, i) => Math.abs((actual[i] ?? Number.NaN) - rate) / Math.max(Math.abs(rate), 1e-300)));

describe('the learning rate of each iteration is mmengine’s, within 1e-12 of it', () => {
  test.each(Object.entries(scheduleCases))('%s', (_, { param_scheduler: config, base, lr }) => {
    const rates = ratesOf(config, [base], inIterations(lr.length)).flat();
    expect(rates).toHaveLength(lr.length);
    expect(relative(rates, lr)).toBeLessThan(1e-12);
  });

  test.each(Object.entries(mmengine.schedules))('%s', (_, { param_scheduler: config, loop, rates }) => {
    const { bases, epoch_length: epochLength } = mmengine;
    const length: TrainingLength =
      'max_epochs' in loop
        ? { loop: 'epochs', maxEpochs: loop.max_epochs, maxIterations: loop.max_epochs * epochLength, epochLength }
        : inIterations(loop.max_iters, epochLength);
    const whole = ratesOf(config, bases, length);
    expect(whole).toHaveLength(rates.length);
    expect(relative(whole.flat(), rates.flat())).toBeLessThan(1e-12);
    expect(ratesOf(config, bases, length, [0, 6, 7, 20])).toEqual(whole);
  });
});

describe('a wrong schedule is said with its path', () => {
  const create = (config: unknown, length = inIterations(100)) => createParamSchedulers(parse(config), [], length);
  test.each<[unknown, RegExp]>([
    [[{ type: 'PolyLR', by_epoch: true }], /^param_scheduler\.0\.by_epoch: expected false, or convert_to_iter_based/],
    [
      [{ type: 'PolyLR', by_epoch: false, begin: 20, end: 20 }],
      /^param_scheduler\.0\.end: expected begin \(20\) before/,
    ],
    [[{ type: 'PolyLR', by_epoch: false, begin: 100 }], /^param_scheduler\.0\.begin: expected begin \(100\) before/],
    [[{ type: 'PolyLR', by_epoch: false, begin: 0.5 }], /^param_scheduler\.0\.begin: expected a whole number/],
    [{ type: 'PolyLR', by_epoch: false, convert_to_iter_based: true }, /\.0\.convert_to_iter_based: expected by_epoch/],
    [{ type: 'OneCycleLR' }, /^param_scheduler\.0\.type: expected .*ConstantLR.*OneCycleLR/],
    [{ type: 'LinearLR', start_factor: 2 }, /^param_scheduler\.0\.start_factor: /],
    [{ type: 'LinearLR', start_facter: 1 }, /Did you mean 'start_factor'/],
    [{ type: 'CosineAnnealingLR', eta_min: 0, eta_min_ratio: 0.1 }, /eta_min_ratio: expected eta_min or/],
  ])('%j', (config, message) => expect(() => create(config)).toThrow(message));
});

test('what is saved of other schedules is refused', () => {
  const one = createParamSchedulers(parse({ type: 'PolyLR', by_epoch: false }), [], inIterations(100));
  expect(() => one.restore({ tensors: {}, values: { now: [1, 2] } })).toThrow(/param_scheduler: expected 1 schedules/);
});

test('a schedule from outside the package is one like any other', () => {
  SCHEDULES.register(
    defineSchedule('HalvingLR', z.strictObject({ every: z.int(), ...spanKeys }), ({ config, factor }) => ({
      next: ({ current }, step) => (step > 0 && step % (config.every * factor) === 0 ? current / 2 : current),
    })),
  );
  const rates = ratesOf({ type: 'HalvingLR', every: 2, by_epoch: false }, [8], inIterations(6)).flat();
  expect(rates).toEqual([8, 8, 4, 4, 2, 2]);
});
