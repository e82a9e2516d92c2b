import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createGate } from '../../queue/gate.js';

test('work goes side by side, and what must be alone is', async () => {
  const gate = createGate();
  let together = 0;
  let alone = false;
  const seen: number[] = [];
  const shared = () =>
    gate.together(async () => {
      expect(alone).toBe(false);
      seen.push(++together);
      await setTimeout(2);
      together--;
    });
  const single = () =>
    gate.alone(async () => {
      expect([together, alone]).toEqual([0, false]);
      alone = true;
      await setTimeout(2);
      alone = false;
    });
  await Promise.all([shared(), shared(), single(), single(), shared(), single(), shared()]);
  expect(Math.max(...seen)).toBeGreaterThan(1);
});

test('what fails keeps nothing else from its turn', async () => {
  const gate = createGate();
  const failing = gate.alone(() => Promise.reject(new Error('no')));
  const another = gate.together(() => Promise.reject(new Error('nor')));
  const last = gate.alone(() => Promise.resolve(7));
  await expect(failing).rejects.toThrow('no');
  await expect(another).rejects.toThrow('nor');
  expect(await last).toBe(7);
});
