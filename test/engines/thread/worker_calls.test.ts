import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { nodeThread } from '../../../engines/thread/node_thread.js';
import { CallNotBegun, workerCalls } from '../../../engines/thread/worker_calls.js';

/** A thread that answers `echo`, and ends in the way that it is told. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ request, withdrawn }) => {
  if (Atomics.load(withdrawn, 0) === 1) return parentPort.postMessage({ failure: { code: 'disposed', where: 'w', expected: 'x' } });
  if (Array.isArray(request)) { // runs until told to end
    const [begun, end] = request;
    Atomics.add(begun, 0, 1);
    Atomics.wait(end, 0, 0);
    return parentPort.postMessage({ answer: 'ended' });
  }
  if (request === 'exit') process.exit(3);
  if (request === 'throw') throw new Error('out of luck');
  if (request === 'fail') return parentPort.postMessage({ failure: { code: 'engine-failure', where: 'w', expected: 'x' } });
  if (request === 'memory') { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)); }
  parentPort.postMessage({ answer: request });
});`;

function thread<Request, Answer>(resourceLimits = {}) {
  return nodeThread<Request, Answer>({
    start: (options) => new Worker(PROGRAM, { ...options, eval: true, resourceLimits }),
  });
}

function start(resourceLimits = {}) {
  return workerCalls('thread', thread<string, string>(resourceLimits));
}

describe('workerCalls', () => {
  it.each([
    ['exit', 'its thread ended with code 3'],
    ['throw', 'out of luck'],
    ['memory', 'memory limit'],
  ])(
    'rejects the running call when the thread ends by %s, and says of the others that they had not begun',
    async (request, reason) => {
      const calls = start({ maxOldGenerationSizeMb: 16 });
      expect(await calls.call(() => ({ request: 'a' }))).toBe('a');
      const made = [request, 'b', 'c'].map((name) => calls.call(() => ({ request: name })));
      const [running, ...others] = await Promise.allSettled(made);
      const death = { code: 'engine-failure', message: expect.stringContaining(reason) };
      expect(running).toMatchObject({ status: 'rejected', reason: death });
      const late = await Promise.allSettled([calls.call(() => ({ request: 'late' }))]);
      for (const other of [...others, ...late]) {
        expect(other).toMatchObject({ status: 'rejected', reason: { reason: death } });
        expect(other.status === 'rejected' && other.reason).toBeInstanceOf(CallNotBegun);
      }
      await calls.close('bye');
    },
  );

  it('rejects a call that failed with an error of the same parts, and goes on', async () => {
    const calls = start();
    await expect(calls.call(() => ({ request: 'fail' }))).rejects.toMatchObject({ message: 'w: expected x' });
    expect(await calls.call(() => ({ request: 'b' }))).toBe('b');
    await calls.close('bye');
  });

  it('hands over one request beside the running one, and none that was dropped', async () => {
    const calls = start();
    const prepared: string[] = [];
    const controller = new AbortController();
    const call = (request: string, signal?: AbortSignal) =>
      calls.call((atOnce) => {
        prepared.push(atOnce ? `${request} at once` : request);
        return { request };
      }, signal);
    const first = call('a');
    const second = call('b');
    const third = call('c', controller.signal);
    const fourth = call('d');
    expect(prepared).toEqual(['a at once', 'b']);
    controller.abort('no');
    await expect(third).rejects.toBe('no');
    expect([await first, await second, await fourth]).toEqual(['a', 'b', 'd']);
    expect(prepared).toEqual(['a at once', 'b', 'd']);
    await calls.close('bye');
  });

  it('begins no request that was dropped after it was handed over', async () => {
    const calls = workerCalls('thread', thread<readonly Int32Array[] | string, string>());
    const shared = () => new Int32Array(new SharedArrayBuffer(4));
    const [begun, end] = [shared(), shared()];
    const controller = new AbortController();
    const running = calls.call(() => ({ request: [begun, end] }));
    const ready = calls.call(() => ({ request: [begun, end] }), controller.signal);
    controller.abort('no');
    await expect(ready).rejects.toBe('no');
    Atomics.store(end, 0, 1);
    Atomics.notify(end, 0);
    expect(await running).toBe('ended');
    expect(await calls.call(() => ({ request: 'after' }))).toBe('after');
    expect(begun[0]).toBe(1);
    await calls.close('bye');
  });
});
