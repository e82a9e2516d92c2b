/** What becomes of processes that end, and of a change that not all of them take: with processes of the test's own, and its own clock. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { supervise } from '../../../service/processes/supervise.js';

/** What the next processes do, in their order: listen, end at once, or neither until the test says so. */
type Fate = 'listens' | 'ends' | 'waits';

const questionSchema = z.object({ kind: z.literal('question'), id: z.number(), what: z.string() });

class FakeWorker extends EventEmitter {
  readonly process: { readonly pid: number; readonly kill: () => void };
  readonly asked: string[] = [];
  /** Answers of `reload` and `renew`. */
  outcome: unknown = { kind: 'reloaded', model: { name: 'cells' } };
  private dead = false;

  constructor(readonly id: number) {
    super();
    this.process = { pid: 1000 + id, kill: () => this.end() };
  }

  isConnected = () => !this.dead;
  isDead = () => this.dead;

  send(message: unknown): void {
    const question = questionSchema.safeParse(message);
    if (!question.success) return;
    const { id, what } = question.data;
    this.asked.push(what);
    if (what === 'stop') this.end();
    const answer = what === 'reload' ? this.outcome : undefined;
    queueMicrotask(() => this.emit('message', { kind: 'answer', id, answer }));
  }

  listen(): void {
    const about = { address: 'http://127.0.0.1:1', models: [{ name: 'cells', task: 'detection' }] };
    this.emit('message', { kind: 'question', id: 0, what: 'listening', about });
  }

  end(): void {
    if (this.dead) return;
    this.dead = true;
    queueMicrotask(() => this.emit('exit', 1, null));
  }
}

const clock = vi.hoisted(() => ({ now: 0, delays: [] as number[] }));
const forked = vi.hoisted(() => ({ workers: [] as unknown[], fates: [] as string[] }));

vi.mock('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    clock.delays.push(milliseconds);
    clock.now += milliseconds;
  },
}));
vi.mock('node:cluster', () => ({
  default: {
    schedulingPolicy: 0,
    get workers() {
      return Object.fromEntries(living().map((worker) => [worker.id, worker]));
    },
    fork: () => {
      const worker = new FakeWorker(forked.workers.length + 1);
      forked.workers.push(worker);
      const fate = forked.fates.shift() ?? 'listens';
      // Its listeners are not there yet.
      if (fate === 'listens') queueMicrotask(() => worker.listen());
      if (fate === 'ends') worker.end();
      return worker;
    },
  },
}));

const workers = () => forked.workers.filter((worker) => worker instanceof FakeWorker);
const living = () => workers().filter((worker) => !worker.isDead());
const told: string[] = [];

beforeEach(() => {
  for (const list of [forked.workers, forked.fates, clock.delays, told]) list.length = 0;
  clock.now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function supervised(processes: number, ...later: readonly Fate[]) {
  const started = await supervise({ processes, time: 1000, warn: (message) => told.push(message) });
  if ('exitCode' in started) throw new Error('not started');
  forked.fates.push(...later);
  return started;
}

/** Until all that follows by itself has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const ends = (count: number) => Array<Fate>(count).fill('ends');

test('what ends is replaced at once, then after growing delays, a minute at most, while others answer', async () => {
  const { stop, failed } = await supervised(2, ...ends(9));
  const givenUp = vi.fn();
  void failed.then(givenUp);
  living()[0]?.end();
  await settled();
  expect(told).toEqual(['process 1001 has ended (exit code 1): another takes its place']);
  expect(clock.delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000));
  expect(living()).toHaveLength(2);
  expect(givenUp).not.toHaveBeenCalled();
  // One that was well is replaced at once, and one that ends soon is not.
  clock.delays.length = 0;
  clock.now += 60_001;
  living()[1]?.end();
  await settled();
  expect(clock.delays).toEqual([]);
  living()[1]?.end();
  await settled();
  expect(clock.delays).toEqual([1000]);
  await stop();
  expect(living()).toEqual([]);
});

test('where none is left, five starts that fail are the end', async () => {
  const { stop, failed } = await supervised(1, ...ends(5));
  living()[0]?.end();
  await failed;
  expect(clock.delays).toEqual([1000, 2000, 4000, 8000]);
  expect(workers()).toHaveLength(6);
  await stop();
});

test('a first process that does not start is the end, with its exit code', async () => {
  forked.fates.push('ends');
  expect(await supervise({ processes: 2, time: 1000, warn: () => {} })).toEqual({ exitCode: 1 });
  expect(workers()).toHaveLength(1);
});

test('a model that a later process cannot load: how many have the new one is said', async () => {
  const { reload, stop } = await supervised(3);
  const [, second, third] = workers();
  if (second === undefined || third === undefined) throw new Error('three were started');
  third.outcome = { kind: 'failed', reason: 'cells.pth: expected a whole file.' };
  const reason = '2 of 3 processes have the new model. cells.pth: expected a whole file.';
  expect(await reload('cells')).toEqual({ kind: 'failed', reason });
  // One that is gone meanwhile is no failure: the one in its place reads what is there now.
  third.outcome = { kind: 'reloaded', model: {} };
  const asked = reload('cells');
  expect(await reload('cells')).toEqual({ kind: 'busy' });
  second.end();
  expect(await asked).toMatchObject({ kind: 'reloaded', model: { name: 'cells' } });
  await stop();
});

test('one that starts meanwhile has read what was before: it reads again when it listens', async () => {
  const { reload, renew, stop } = await supervised(2, 'waits');
  living()[0]?.end();
  await settled();
  const late = living()[1];
  const [reloaded, renewed] = [reload('cells'), renew()];
  await settled();
  expect(late?.asked).toEqual([]);
  late?.listen();
  await Promise.all([reloaded, renewed]);
  expect(late?.asked.toSorted()).toEqual(['ready', 'reload', 'renew']);
  await stop();
});
