import { expect, test } from 'vitest';
import { createAttention } from '../../queue/attention.js';
import type { WorkerState } from '../../queue/board.js';
import { workersLine } from '../../queue/worker_lines.js';

const worker = (name: string, beat: number, rest: Partial<WorkerState> = {}): WorkerState => ({
  name,
  processor: 'one',
  pictures: 0,
  seconds: 0,
  beat,
  ...rest,
});

test('each thing is told once: no worker, one that refuses, processors that differ', () => {
  const told: string[] = [];
  const log = { say: (line: string) => void told.push(line), warn: (line: string) => void told.push(line) };
  const attention = createAttention(log, 'redis://node1', 0);
  const look = (seconds: number, ...states: readonly WorkerState[]) =>
    attention.look(states, seconds * 1000).map(({ name }) => name);
  expect([look(4), told]).toEqual([[], []]);
  look(6);
  look(9);
  expect(told.splice(0)).toEqual([
    'no worker is at redis://node1: start some with: lowformer worker --queue redis://node1',
  ]);
  const refuses = worker('a', 0, { refuses: 'other weights' });
  look(10, refuses);
  look(11, refuses);
  expect(told.splice(0)).toEqual(['worker a takes no pictures of this run: other weights']);
  expect(look(12, worker('b', 1), worker('c', 1, { processor: 'two' }))).toEqual(['b', 'c']);
  look(13, worker('b', 2), worker('c', 1, { processor: 'two' }));
  expect(told.splice(0)).toEqual([
    'workers have different processors (one; two): the last bits of the numbers may depend on who did what',
  ]);
  // The second says nothing new any more.
  expect(look(33, worker('b', 3), worker('c', 1, { processor: 'two' }))).toEqual(['b']);
  expect(told).toEqual([]);
  look(60, worker('b', 3));
  expect(told).toHaveLength(1);
});

test('where every worker that came refuses the run, it ends after a minute and says why', () => {
  const log = { say() {}, warn() {} };
  const refuses = worker('node1:7', 0, { refuses: '/mnt/a.png: expected the pictures of the run' });
  const attention = createAttention(log, 'redis://node1', 0);
  attention.look([refuses], 1000);
  attention.look([refuses], 59_000);
  expect(() => attention.look([], 60_000)).toThrow(
    /^redis:\/\/node1: expected a worker that can take part in this run but received 'one that cannot'\. They say:\n {2}node1:7: \/mnt\/a\.png: expected/,
  );
  // Another has done some of it: it may be back.
  const going = createAttention(log, 'redis://node1', 0);
  going.look([refuses, worker('node2:8', 0, { pictures: 3 })], 1000);
  expect(() => going.look([], 90_000)).not.toThrow();
  // And nobody has come so far.
  expect(() => createAttention(log, 'redis://node1', 0).look([], 90_000)).not.toThrow();
});

test('workers in a line of progress: each by name, or many in the mean', () => {
  expect(workersLine([])).toBe('; 0 workers');
  expect(workersLine([worker('a', 1)])).toBe('; 1 worker');
  const at = (name: string, rate: number) => worker(name, 1, { pictures: rate * 10, seconds: 10 });
  expect(workersLine([at('b', 5), at('a', 4.9), worker('c', 1, { refuses: 'no' })])).toBe(
    '; 2 workers: a 4.9, b 5.0 pictures/s',
  );
  expect(workersLine(['a', 'b', 'c', 'd', 'e'].map((name, i) => at(name, i + 1)))).toBe(
    '; 5 workers: 3.0 pictures/s each, the slowest a 1.0',
  );
});
