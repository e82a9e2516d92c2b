/** Counts of processes that come and go never go down. */
import { expect, test } from 'vitest';
import { counter, type Family, gauge } from '../../../service/metric_families.js';
import { summedMetrics } from '../../../service/processes/summed_metrics.js';

function families(count: number): readonly Family[] {
  const counted = counter('a_total', 'Counted.');
  counted.add({}, count);
  return [counted.family(), gauge('b', 'Now.', [[{}, count]])];
}

test('those that end and those that are late have counted, and are at nothing', () => {
  const metrics = summedMetrics();
  const values = (...answering: number[]) =>
    metrics.sum(new Set(answering)).map(({ name, samples }) => [name, samples[0]?.value]);
  metrics.told(1, families(3));
  metrics.told(2, families(4));
  expect(values(1, 2)).toEqual([
    ['a_total', 7],
    ['b', 7],
  ]);
  expect(values(2)).toEqual([
    ['a_total', 7],
    ['b', 4],
  ]);
  metrics.ended(1);
  metrics.told(2, families(5));
  metrics.told(3, families(1));
  expect(values(2, 3)).toEqual([
    ['a_total', 9],
    ['b', 6],
  ]);
  metrics.ended(2);
  metrics.ended(3);
  metrics.ended(4);
  expect(values()).toEqual([['a_total', 9]]);
});
