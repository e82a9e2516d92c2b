import { describe, expect, it } from 'vitest';
import { workerCalls } from '../../engines/worker_calls.js';

/** A thread that answers `echo`, and ends in the way that it is told. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (request) => {
  if (request === 'exit') process.exit(3);
  if (request === 'throw') throw new Error('out of luck');
  if (request === 'fail') return parentPort.postMessage({ failure: { code: 'engine-failure', where: 'w', expected: 'x' } });
  if (request === 'memory') { const all = []; for (;;) all.push(new Array(1e6).fill(1.5)); }
  parentPort.postMessage({ answer: request });
});`;

function start(resourceLimits = {}) {
  return workerCalls<string, string>('thread', PROGRAM, { eval: true, resourceLimits });
}

describe('workerCalls', () => {
  it.each([
    ['exit', 'its thread ended with code 3'],
    ['throw', 'out of luck'],
    ['memory', 'memory limit'],
  ])('rejects every call when the thread ends by %s', async (request, reason) => {
    const calls = start({ maxOldGenerationSizeMb: 16 });
    expect(await calls.call(() => ({ request: 'a' }))).toBe('a');
    const pending = await Promise.allSettled([request, 'b', 'c'].map((name) => calls.call(() => ({ request: name }))));
    for (const result of [...pending, ...(await Promise.allSettled([calls.call(() => ({ request: 'late' }))]))]) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'engine-failure', message: expect.stringContaining(reason) },
      });
    }
    await calls.close('bye');
  });

  it('rejects a call that failed with an error of the same parts, and goes on', async () => {
    const calls = start();
    await expect(calls.call(() => ({ request: 'fail' }))).rejects.toMatchObject({ message: 'w: expected x' });
    expect(await calls.call(() => ({ request: 'b' }))).toBe('b');
    await calls.close('bye');
  });

  it('reads a request when its turn comes, and not at all when it was dropped', async () => {
    const calls = start();
    const prepared: string[] = [];
    const controller = new AbortController();
    const call = (request: string, signal?: AbortSignal) =>
      calls.call(() => {
        prepared.push(request);
        return { request };
      }, signal);
    const first = call('a');
    const second = call('b', controller.signal);
    const third = call('c');
    expect(prepared).toEqual(['a']);
    controller.abort('no');
    await expect(second).rejects.toBe('no');
    expect([await first, await third]).toEqual(['a', 'c']);
    expect(prepared).toEqual(['a', 'c']);
    await calls.close('bye');
  });
});
