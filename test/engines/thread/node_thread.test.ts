/** What happens where no thread can be started, and that it happens then alone. */
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answering } from '../../../engines/thread/answers.js';
import type { ThreadProgram } from '../../../engines/thread/node_thread.js';

/** Answers with the request's length, here. */
const inCallingThread = async (): Promise<Answering<string, number>> => ({
  where: 'here',
  answer: async (request) => {
    if (request === 'fail') throw new Error('no luck');
    return request.length;
  },
  transfer: () => [],
  failure: () => ({ code: 'engine-failure', where: 'here', expected: 'luck' }),
});

const PROGRAMS: Record<string, ThreadProgram<string, number>['start']> = {
  'that is not there': (options) => new Worker(new URL('file:///nowhere/worker.js'), options),
  'that is no program': (options) => new Worker("import x from 'nowhere'; } {", { ...options, eval: true }),
  'that lacks a module': (options) => new Worker("require('lowformer-nowhere')", { ...options, eval: true }),
  'whose address is none': (options) => new Worker(new URL('./worker.js', ''), options),
};

/** Modules of their own: the warning is said once in a process. */
async function fresh() {
  vi.resetModules();
  const { nodeThread } = await import('../../../engines/thread/node_thread.js');
  const { CallNotBegun, workerCalls } = await import('../../../engines/thread/worker_calls.js');
  return { nodeThread, CallNotBegun, workerCalls };
}

const warnings: unknown[][] = [];
beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation((...given: unknown[]) => void warnings.push(given));
});
afterEach(() => {
  vi.restoreAllMocks();
  warnings.splice(0);
});

describe.each(Object.entries(PROGRAMS))('a program %s', (_, start) => {
  it('is answered for by the calling thread: in order, with errors, with one warning', async () => {
    const { nodeThread, workerCalls } = await fresh();
    const calls = workerCalls('engine', nodeThread({ start, inCallingThread }));
    const made = ['a', 'bb', 'fail', 'cccc'].map((request) => calls.call(() => ({ request })));
    expect(await Promise.allSettled(made)).toMatchObject([
      { value: 1 },
      { value: 2 },
      { reason: { code: 'engine-failure', message: 'here: expected luck' } },
      { value: 4 },
    ]);
    const others = workerCalls('engine', nodeThread({ start, inCallingThread }));
    expect(await others.call(() => ({ request: 'ddd' }))).toBe(3);
    expect(warnings).toEqual([
      [
        expect.stringMatching(/^engine: no thread can be started \(.+\): networks run in the calling thread/),
        expect.objectContaining({ type: 'LowformerWarning', code: 'LOWFORMER_NO_THREAD' }),
      ],
    ]);
    await calls.close('bye');
    await others.close('bye');
    await expect(calls.call(() => ({ request: 'late' }))).rejects.toMatchObject({ code: 'disposed' });
  });

  it('gives the event loop its turns, drops what waits when it is told to', async () => {
    const { nodeThread, workerCalls } = await fresh();
    const calls = workerCalls('engine', nodeThread({ start, inCallingThread }));
    await calls.call(() => ({ request: 'a' }));
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    });
    const controller = new AbortController();
    const dropped = calls.call(() => ({ request: 'dropped' }), controller.signal);
    controller.abort('no');
    await expect(dropped).rejects.toBe('no');
    for (let i = 0; i < 20; i++) await calls.call(() => ({ request: 'a' }));
    clearInterval(turning);
    expect(turns).toBeGreaterThan(1);
    await calls.close('bye');
  });

  it('is a failure where nothing stands in for it', async () => {
    const { nodeThread, CallNotBegun, workerCalls } = await fresh();
    const begin = async () =>
      workerCalls('engine', nodeThread<string, number>({ start })).call(() => ({ request: 'a' }));
    const failed = await begin().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Error);
    expect(failed).not.toBeInstanceOf(CallNotBegun);
    expect(warnings).toEqual([]);
  });
});

/** Says that it is ready, and ends in the way that it is told. */
const MORTAL = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', ({ request }) => {
  if (request === 'exit') process.exit(3);
  throw new Error('out of luck');
});
parentPort.postMessage({ ready: true });`;

it.each([
  ['throw', MORTAL, {}, 'out of luck'],
  ['exit', MORTAL, {}, 'its thread ended with code 3'],
  ['end before it is ready', 'process.exit(4)', {}, 'its thread ended with code 4'],
  [
    'run out of memory before it is ready',
    'const all = []; for (;;) all.push(new Array(1e6).fill(1.5));',
    { resourceLimits: { maxOldGenerationSizeMb: 16 } },
    'memory limit',
  ],
])('a thread that can be started and is told to %s is not stood in for', async (request, text, limits, reason) => {
  const { nodeThread, workerCalls } = await fresh();
  const program: ThreadProgram<string, number> = {
    start: (options) => new Worker(text, { ...options, ...limits, eval: true }),
    inCallingThread,
  };
  const calls = workerCalls('engine', nodeThread(program));
  await expect(calls.call(() => ({ request }))).rejects.toMatchObject({
    code: 'engine-failure',
    message: expect.stringContaining(reason),
  });
  expect(warnings).toEqual([]);
  await calls.close('bye');
});
