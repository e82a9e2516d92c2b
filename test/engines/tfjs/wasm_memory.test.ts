import { expect, it } from 'vitest';
import { failure } from '../../../engines/tfjs/failure.js';
import { collectingPrints, refuseFailedAllocations, takeFailures } from '../../../engines/tfjs/wasm_memory.js';

it('an allocation that gives no address is an error', () => {
  const freed: number[] = [];
  const wasm = {
    _malloc: (bytes: number) => (bytes > 100 ? 0 : 64),
    _free: (address: number) => void freed.push(address),
  };
  refuseFailedAllocations({ wasm });
  expect(freed).toEqual([64]);
  expect([wasm._malloc(10), wasm._malloc(0)]).toEqual([64, 64]);
  expect(() => wasm._malloc(101)).toThrow('out of memory: no 101 bytes');
  expect(() => refuseFailedAllocations({})).toThrow('expected the backend wasm');
});

it('what the module prints is kept from the console, and its failures are told once', async () => {
  const { log, warn } = console;
  let print = (_: string) => {};
  const printed = await collectingPrints(async () => {
    print = console.warn.bind(console);
  });
  expect([console.log, console.warn]).toEqual([log, warn]);
  print('a warning of no weight');
  expect(takeFailures(printed)).toEqual([]);
  const failed =
    'XNN status for xnn_create_convolution2d_nhwc_f32 is not successful. Got status 6. Use -c dbg to see XNN logs.';
  print(failed);
  expect(takeFailures(printed)).toEqual([failed]);
  expect(takeFailures(printed)).toEqual([]);
  await expect(collectingPrints(() => Promise.reject(new Error('no start')))).rejects.toThrow('no start');
  expect([console.log, console.warn]).toEqual([log, warn]);
});

it.each([
  'out of memory: no 12 bytes left',
  'XNN status for xnn_create_convolution2d_nhwc_f32 is not successful. Got status 6. Use -c dbg to see XNN logs.',
  'OOM when allocating tensor with shape[1,96,2304,2304]',
  'Array buffer allocation failed',
])('memory that has run out is told as such: %s', (text) => {
  const parts = failure('a network that runs on x [1]', new Error(text), { backend: 'wasm', device: 'cpu' });
  expect(parts).toMatchObject({
    code: 'out-of-memory',
    where: 'cpu',
    expected: 'memory for a network that runs on x [1]',
  });
  expect(parts.hint).toContain('Try a smaller batch');
});

it('another failure keeps its reason', () => {
  const parts = failure('to work', new Error('shapes differ'), { backend: 'wasm', device: 'cpu' });
  expect(parts).toMatchObject({ code: 'engine-failure', where: 'tfjs', hint: 'TensorFlow.js on wasm: shapes differ' });
});
