/** A run may be left after any of its events. */
import { expect, test } from 'vitest';
import { expectSameBytes, finishedRun } from './left_run.js';

test.each([
  ['epochs', {}],
  ['iterations', { train_cfg: { type: 'IterBasedTrainLoop', max_iters: 12, val_interval: 3 }, param_scheduler: null }],
])('counted in %s, ends with the same bytes wherever it was left', async (_, recipe) => {
  const whole = await finishedRun(recipe);
  expect(whole.events.length).toBeGreaterThan(12);
  for (let left = 0; left < whole.events.length - 1; left++) await expectSameBytes(whole, left);
});
