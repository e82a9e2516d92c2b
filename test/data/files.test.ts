import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { settleFew } from '../../data/files.js';

test('outcomes come in the order of the items, whichever was there first', async () => {
  const items = Array.from({ length: 40 }, (_, i) => i);
  const outcomes: string[] = [];
  for await (const outcome of settleFew(items, late)) {
    outcomes.push(outcome.status === 'fulfilled' ? outcome.value : `${outcome.reason}`);
  }
  expect(outcomes).toEqual(items.map((i) => (i % 3 === 0 ? `fails ${i}` : `${i}`)));
});

async function late(item: number): Promise<string> {
  await pause(20 - (item % 20));
  return item % 3 === 0 ? Promise.reject(`fails ${item}`) : `${item}`;
}
