import { expect, test } from 'vitest';
import { decodingBudget } from '../../models/decoding_budget.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Places of pictures that say when they are let in. */
function pictures(most: number, batches: readonly number[]) {
  const budget = decodingBudget(most);
  const inside: number[] = [];
  const places = batches.map((batch) => budget.place(batch));
  const admit = (i: number, bytes: number) => places[i]?.admit(bytes).then(() => inside.push(i));
  return { budget, inside, admit, leave: (i: number) => places[i]?.leave() };
}

test('lets in what there is room for, in order, and the next when one leaves', async () => {
  const { inside, admit, leave } = pictures(10, [0, 1, 2, 3]);
  for (const [i, bytes] of [6, 4, 3, 3].entries()) void admit(i, bytes);
  await settled();
  expect(inside).toEqual([0, 1]);
  leave(1);
  await settled();
  expect(inside).toEqual([0, 1, 2]);
  leave(0);
  await settled();
  expect(inside).toEqual([0, 1, 2, 3]);
});

test('a size that comes early waits for those before it', async () => {
  const { inside, admit, leave } = pictures(10, [0, 1, 2]);
  void admit(2, 1);
  void admit(1, 1);
  await settled();
  expect(inside).toEqual([]);
  // The first could not be read.
  leave(0);
  await settled();
  expect(inside).toEqual([1, 2]);
});

test('what is larger than the bound is let in alone, and the pictures of one batch together', async () => {
  const { inside, admit, leave } = pictures(10, [0, 0, 1, 1]);
  for (const i of [0, 1, 2, 3]) void admit(i, 50);
  await settled();
  expect(inside).toEqual([0, 1]);
  leave(0);
  await settled();
  expect(inside).toEqual([0, 1]);
  leave(1);
  await settled();
  expect(inside).toEqual([0, 1, 2, 3]);
});

test('closed, it refuses whoever waits', async () => {
  const { budget, admit } = pictures(10, [0, 1]);
  void admit(0, 50);
  const waits = admit(1, 50);
  budget.close(new Error('left'));
  await expect(waits).rejects.toThrow('left');
});
