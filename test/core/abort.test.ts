import { expect, test } from 'vitest';
import { onAbort, untilAborted } from '../../core/abort.js';

test('forty calls on one signal are each told, and Node has nothing to warn of', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  const controller = new AbortController();
  let told = 0;
  const offs = Array.from({ length: 40 }, () =>
    onAbort(controller.signal, () => {
      told++;
    }),
  );
  const waits = Array.from({ length: 40 }, () => untilAborted(new Promise(() => {}), controller.signal));
  for (const off of offs.slice(0, 3)) off();
  controller.abort(new Error('no longer wanted'));
  const settled = await Promise.allSettled(waits);
  // Warnings are told a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warn);
  expect(told).toBe(37);
  expect(settled.every((each) => each.status === 'rejected' && each.reason.message === 'no longer wanted')).toBe(true);
  expect(warnings).toEqual([]);
});

test('a promise that settles first is what counts', async () => {
  const controller = new AbortController();
  expect(await untilAborted(Promise.resolve(3), controller.signal)).toBe(3);
  await expect(untilAborted(Promise.reject(new Error('its own')), controller.signal)).rejects.toThrow('its own');
  controller.abort(new Error('late'));
  await expect(untilAborted(new Promise(() => {}), controller.signal)).rejects.toThrow('late');
});
