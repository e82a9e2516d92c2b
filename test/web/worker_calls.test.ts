/** Calls between a page and a worker; a channel of two ends stands for the worker. */
import { expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { WorkerError, workerCalls } from '../../web/worker_calls.js';
import type { Told } from '../../web/worker_protocol.js';

/** A worker that says what a test has it say. */
class StandIn extends EventTarget {
  readonly asked: unknown[] = [];
  terminated = false;
  postMessage(message: unknown): void {
    this.asked.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  tell(data: Told<string, number>): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

function start() {
  const standIn = new StandIn();
  const calls = workerCalls<string, string, number>(standIn as unknown as Worker);
  return { standIn, ...calls };
}

test('answers, progress and readiness find their way', async () => {
  const { standIn, call, ready } = start();
  standIn.tell({ kind: 'ready' });
  await ready;
  const progress: number[] = [];
  const [first, second] = [call('a', { onProgress: (value) => progress.push(value) }), call('b')];
  standIn.tell({ id: 1, kind: 'answer', answer: 'B' });
  standIn.tell({ id: 0, kind: 'progress', progress: 7 });
  standIn.tell({ id: 0, kind: 'answer', answer: 'A' });
  expect([await first, await second, progress]).toEqual(['A', 'B', [7]]);
});

test('a mistake is a LowformerError with its parts, a fault is none', async () => {
  const { standIn, call } = start();
  const [mistake, fault] = [call('a'), call('b')];
  const parts = { code: 'not-a-number', where: 'cells.jpg', expected: 'numbers', hint: 'Look.' } as const;
  standIn.tell({ id: 0, kind: 'failure', failure: { kind: 'mistake', parts } });
  standIn.tell({ id: 1, kind: 'failure', failure: { kind: 'fault', message: 'TypeError: x' } });
  await expect(mistake).rejects.toSatisfy(
    (error: unknown) => error instanceof LowformerError && error.parts.code === 'not-a-number',
  );
  await expect(mistake).rejects.toThrow('cells.jpg: expected numbers. Look.');
  await expect(fault).rejects.toBeInstanceOf(WorkerError);
});

test('a worker that is stopped or breaks ends every call, also later ones', async () => {
  const stopped = start();
  const waiting = stopped.call('a');
  stopped.stop();
  for (const call of [waiting, stopped.call('b')]) await expect(call).rejects.toMatchObject({ code: 'disposed' });
  expect(stopped.standIn.terminated).toBe(true);

  const broken = start();
  broken.standIn.dispatchEvent(new Event('error'));
  await expect(broken.ready).rejects.toThrow('its program could not be loaded');
  await expect(broken.call('a')).rejects.toBeInstanceOf(WorkerError);
});
