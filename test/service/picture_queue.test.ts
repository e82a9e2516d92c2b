import { describe, expect, test } from 'vitest';
import { pictureQueue } from '../../service/picture_queue.js';

const patient = new AbortController().signal;

/** Work that ends when it is told to. */
function step(log: string[], name: string) {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = async () => {
    log.push(`begin ${name}`);
    await over;
    return name;
  };
  return { work, end };
}

describe('a queue', () => {
  test('runs so many at a time, in the order in which they came', async () => {
    const queue = pictureQueue({ atOnce: 2, most: 2 });
    const log: string[] = [];
    const steps = ['a', 'b', 'c', 'd'].map((name) => step(log, name));
    const results = steps.map(({ work }) => queue.enter(work, patient));
    expect(log).toEqual(['begin a', 'begin b']);
    expect([queue.running, queue.waiting]).toEqual([2, 2]);
    expect(queue.hasRoom(1)).toBe(false);
    steps[1]?.end();
    await results[1];
    await Promise.resolve();
    expect(log).toEqual(['begin a', 'begin b', 'begin c']);
    expect(queue.hasRoom(1)).toBe(true);
    expect(queue.hasRoom(2)).toBe(false);
    for (const { end } of steps) end();
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test('begins nothing of what is aborted before its turn, and gives its place to others', async () => {
    const queue = pictureQueue({ atOnce: 1, most: 1 });
    const log: string[] = [];
    const [first, second, third] = ['a', 'b', 'c'].map((name) => step(log, name));
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const gone = new AbortController();
    const running = queue.enter(first.work, patient);
    const waiting = queue.enter(second.work, gone.signal);
    expect(queue.hasRoom(1)).toBe(false);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(queue.enter(second.work, gone.signal)).rejects.toThrow('gone');
    expect(queue.hasRoom(1)).toBe(true);
    const last = queue.enter(third.work, patient);
    first.end();
    third.end();
    await Promise.all([running, last]);
    expect(log).toEqual(['begin a', 'begin c']);
  });

  test('lets nobody wait for work that is aborted and does not end, and keeps its place', async () => {
    const queue = pictureQueue({ atOnce: 1, most: 1 });
    const running = step([], 'a');
    const gone = new AbortController();
    const aborted = queue.enter(running.work, gone.signal);
    gone.abort(new Error('gone'));
    await expect(aborted).rejects.toThrow('gone');
    expect(queue.running).toBe(1);
    running.end();
    expect(await queue.enter(async () => 'next', patient)).toBe('next');
  });

  test('goes on after work that fails', async () => {
    const queue = pictureQueue({ atOnce: 1, most: 5 });
    const failing = queue.enter(async () => {
      throw new Error('broken');
    }, patient);
    const next = queue.enter(async () => 'fine', patient);
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });

  test('says when to come again: at least a second, at most a minute', async () => {
    const queue = pictureQueue({ atOnce: 1, most: 1000 });
    expect(queue.secondsLeft()).toBe(1);
    const gone = new AbortController();
    const all = Array.from({ length: 500 }, () => queue.enter(() => new Promise(() => {}), gone.signal));
    expect(queue.secondsLeft()).toBe(60);
    gone.abort();
    expect((await Promise.allSettled(all)).every(({ status }) => status === 'rejected')).toBe(true);
  });
});
