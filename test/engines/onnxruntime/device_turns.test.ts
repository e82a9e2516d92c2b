import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LowformerError } from '../../../core/errors.js';
import type { Engine } from '../../../engines/engine.js';
import { inTurn, takingTurns } from '../../../engines/onnxruntime/device_turns.js';
import { failure } from '../../../engines/onnxruntime/failure.js';
import { CallNotBegun } from '../../../engines/thread/worker_calls.js';

/** Two engines of a device, with what they do in the order in which it happens. */
function engines(device: string) {
  const log: string[] = [];
  const engine = (name: string): Engine => ({
    device,
    async run() {
      log.push(`${name} begins`);
      await setTimeout(5);
      log.push(`${name} ends`);
      return {};
    },
    async [Symbol.asyncDispose]() {
      log.push(`${name} is gone`);
    },
  });
  return { log, a: takingTurns(engine('a')), b: takingTurns(engine('b')) };
}

test('on webgpu one engine runs after the other, and its end waits as well', async () => {
  const { log, a, b } = engines('webgpu');
  await Promise.all([a.run({}), b.run({}), a[Symbol.asyncDispose]()]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'a is gone']);
});

test('on the processor both run at once', async () => {
  const { log, a, b } = engines('cpu');
  await Promise.all([a.run({}), b.run({})]);
  expect(log.slice(0, 2)).toEqual(['a begins', 'b begins']);
});

test('a run that is given up is not begun, or waited for by the next; what fails keeps nobody', async () => {
  const { log, a, b } = engines('webgpu');
  const [running, waiting] = [new AbortController(), new AbortController()];
  const outcomes = Promise.allSettled([
    a.run({}, { signal: running.signal }),
    a.run({}, { signal: waiting.signal }),
    inTurn('webgpu', () => Promise.reject(new Error('failed'))),
    b.run({}),
  ]);
  await setTimeout(1);
  running.abort();
  waiting.abort();
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'fulfilled']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

/** What ONNX Runtime 1.30 says on a device that the driver has lost. */
const LOST = 'Failed to download data from buffer. wgpu::MapAsyncStatus value: 4, message: [Device] is lost.';

test('a device that is lost is let go by all its engines before the next turn, and what waited may be made again', async () => {
  const { log, a, b } = engines('webgpu');
  const reason = new LowformerError(failure('a network', new Error(LOST), 'webgpu').parts);
  const lost = inTurn('webgpu', () => Promise.reject(reason));
  const outcomes = await Promise.allSettled([lost, a.run({}), b.run({}), inTurn('webgpu', async () => 'opened anew')]);
  expect(outcomes).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason: new CallNotBegun(reason) },
    { status: 'rejected', reason: new CallNotBegun(reason) },
    { status: 'fulfilled', value: 'opened anew' },
  ]);
  expect(log).toEqual(['a is gone', 'b is gone']);
});
