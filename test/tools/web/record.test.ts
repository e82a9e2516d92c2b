import { expect, test } from 'vitest';
import { claimsFor, PAGE_PAIRS } from '../../../tools/web/measuring/networks.js';
import { type Rounds, webRecord, webRecordSchema } from '../../../tools/web/measuring/record.js';

const settings = {
  first: 'lowformer-b0_in1k',
  second: 'mobileone-s2_in1k',
  part: 'whole',
  device: 'wasm',
  threads: 2,
  size: { height: 224, width: 224 },
  batch: 4,
  rounds: 6,
} as const;
const machine = {
  user_agent: 'a browser',
  cores: 2,
  threads: 2,
  graphics: null,
  lowformer: '0.1.0',
  onnxruntime_web: '1.30.0',
};
const costs = [
  { parameters: 10, macs: 1000 },
  { parameters: 20, macs: 3000 },
] as const;

test('every figure of the record follows from the rounds', () => {
  const rounds: Rounds = [1, 2, 3, 4, 5, 6].map((i) => [10 * i, 20 * i]);
  const record = webRecordSchema.parse(webRecord(settings, costs, rounds, machine));
  expect(record.complete).toBe(true);
  const [first, second] = record.results;
  expect(first.milliseconds).toEqual({ median: 35, q25: 22.5, q75: 47.5, least: 10 });
  expect([first.pictures_per_second, second.pictures_per_second]).toEqual([4 / 0.035, 4 / 0.07]);
  expect([first.macs_per_second, second.macs_per_second]).toEqual([4000 / 0.035, 12000 / 0.07]);
  expect(second.times).toEqual([20, 40, 60, 80, 100, 120]);
  expect(record.comparison).toMatchObject({ ratio: 0.5, q25: 0.5, q75: 0.5, rounds: 6, verdict: 'faster' });
});

test('five rounds that agree name no winner, and a run that was stopped is not complete', () => {
  const { complete, comparison } = webRecord(settings, costs, Array(5).fill([10, 20]), machine);
  expect([complete, comparison.verdict]).toEqual([false, 'unclear']);
});

test('what the paper reports stands beside its own pair alone', () => {
  expect(PAGE_PAIRS.length).toBeGreaterThan(10);
  expect(claimsFor(settings).map(({ quantity, ratio }) => [quantity, ratio])).toEqual([
    ['throughput', 2],
    ['latency', 0.85],
  ]);
  expect(claimsFor({ ...settings, size: { height: 256, width: 256 } })).toEqual([]);
  expect(claimsFor({ ...settings, part: 'backbone' })).toEqual([]);
});
