import { expect, test } from 'vitest';
import { byteBudget } from '../../service/byte_budget.js';

test('a budget holds so many bytes, and one body that is larger where it is alone', () => {
  const budget = byteBudget(100);
  const large = budget.open();
  expect([large.add(60), large.add(440), budget.held]).toEqual([true, true, 500]);
  const small = budget.open();
  expect([budget.hasRoom(1), small.add(1)]).toEqual([false, false]);
  large.release();
  expect([budget.held, small.add(60), budget.hasRoom(40), budget.hasRoom(41)]).toEqual([0, true, true, false]);
  const other = budget.open();
  expect([other.add(41), other.add(40), budget.held]).toEqual([false, true, 100]);
  small.release();
  small.release();
  expect(budget.held).toBe(40);
  other.release();
  expect(budget.held).toBe(0);
});
