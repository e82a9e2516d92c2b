import { describe, expect, test } from 'vitest';
import { LowformerError } from '../../core/errors.js';
import { type EncodedOutcome, encodeFailure } from '../../queue/result_code.js';
import { createShardBook, type Deadly, deadlyPicture, type ShardBook } from '../../queue/shard_book.js';
import { type ShardJob, shardSize } from '../../queue/shards.js';

const names = (count: number) => Array.from({ length: count }, (_, i) => `/${i}.png`);

/** Stands for a picture's result: its name. */
const outcomeOf = (file: string): EncodedOutcome =>
  encodeFailure(new LowformerError({ code: 'unreadable-image', where: file, expected: 'a picture' }), file);
const nameOf = (outcome: EncodedOutcome | Deadly) =>
  'failure' in outcome ? outcome.failure.where : 'deadly' in outcome ? outcome.deadly : undefined;

function resultOf({ shard, files, without }: ShardJob) {
  const outcomes = files.filter((_, place) => !without.includes(place)).map(outcomeOf);
  return { shard, worker: 'w', outcomes };
}

/** All that the book hands over now. */
function handedOver(book: ShardBook): (string | number | undefined)[] {
  const all: (string | number | undefined)[] = [];
  for (let shard = book.next(); shard !== undefined; shard = book.next()) {
    expect(shard.first).toBe(handed + all.length);
    all.push(...shard.outcomes.map(nameOf));
  }
  handed += all.length;
  return all;
}
let handed = 0;

function opened(count: number, batchSize: number): { readonly book: ShardBook; readonly jobs: readonly ShardJob[] } {
  handed = 0;
  const book = createShardBook(names(count), batchSize);
  return { book, jobs: book.fresh() };
}

describe('shards', () => {
  test.each([
    [5000, 1, 16],
    [100, 1, 2],
    [40, 1, 1],
    [5000, 6, 18],
    [100, 8, 8],
    [1, 4, 4],
  ])('of %i pictures in batches of %i have %i', (pictures, batchSize, size) => {
    expect(shardSize(pictures, batchSize)).toBe(size);
  });

  test('come in any order, twice, and are handed over once in the order of the pictures', () => {
    const { book, jobs } = opened(200, 3);
    expect(jobs.flatMap(({ files }) => files)).toEqual(names(200));
    const mixed = jobs.toSorted((a, b) => ((a.shard * 37) % 67) - ((b.shard * 37) % 67));
    const all = mixed.flatMap((job) => {
      book.done(job, resultOf(job));
      book.done(job, resultOf(job));
      const now = handedOver(book);
      book.done(job, resultOf(job));
      return now;
    });
    expect(all).toEqual(names(200));
    expect([book.ended, book.out(), book.fresh()]).toEqual([true, [], []]);
  });

  test('are given out a window at a time', () => {
    const { book, jobs } = opened(50_000, 1);
    expect(jobs).toHaveLength(2048);
    const [first, second] = jobs;
    if (first === undefined || second === undefined) return expect.fail('no shards');
    book.done(second, resultOf(second));
    expect([handedOver(book).length, book.fresh().length]).toEqual([0, 0]);
    book.done(first, resultOf(first));
    expect([handedOver(book).length, book.fresh().length]).toEqual([32, 2]);
    expect(book.out()).toHaveLength(2048);
  });
});

describe('a picture that no worker survives', () => {
  test('is left out with its batch, and the others of its shard are done', () => {
    const { book, jobs } = opened(12, 2);
    const job = createShardBook(names(12), 2).fresh()[1];
    if (job === undefined) return expect.fail('no shard');
    for (const other of jobs) if (other.shard !== 1) book.done(other, resultOf(other));
    expect(book.deadly(job, { at: [0, 1] })).toBeUndefined();
    expect(handedOver(book)).toEqual([...names(2), 2, 2, ...names(12).slice(4)]);
    expect(book.ended).toBe(true);
  });

  test('a late result of the whole shard changes nothing; a second one is found, too', () => {
    const { book, jobs } = opened(1024, 1);
    const [job] = jobs;
    if (job === undefined) return expect.fail('no shard');
    const again = book.deadly(job, { at: [3] });
    expect(again?.without).toEqual([3]);
    book.done(job, resultOf(job));
    expect([book.deadly(job, { at: [4] }), handedOver(book)]).toEqual([undefined, []]);
    const third = again === undefined ? undefined : book.deadly(again, { at: [0] });
    expect(third?.without).toEqual([0, 3]);
    if (third !== undefined) book.done(third, resultOf(third));
    expect(handedOver(book)).toEqual(names(16).map((name, i) => (i === 0 || i === 3 ? 1 : name)));
  });

  test('is named: alone, or with how many others it was', () => {
    const code = 'engine-failure';
    expect(deadlyPicture('a.png', { deadly: 1 })).toMatchObject({ code, path: 'a.png' });
    expect(deadlyPicture('a.png', { deadly: 1 }).message).toContain(
      'a.png: expected a picture that a worker survives. ',
    );
    const many = deadlyPicture('a.png', { deadly: 4 }).message;
    expect(many).toContain('a.png: expected a batch of 4 pictures that a worker survives. ');
    expect(many).toContain('A smaller --batch-size takes less of it.');
  });

  test('where nobody knows which it was, the shard is named', () => {
    const { book, jobs } = opened(1024, 1);
    expect(() => book.deadly(jobs[1], 0)).toThrow('/16.png to /31.png: expected pictures that a worker survives');
  });
});

test('what no worker gives back is refused', () => {
  const { book, jobs } = opened(1024, 1);
  const [job, other] = jobs;
  if (job === undefined || other === undefined) return expect.fail('no shards');
  const short = { ...resultOf(job), outcomes: [] };
  for (const result of [undefined, {}, resultOf(other), short]) {
    expect(() => book.done(job, result)).toThrow('result of a worker: expected results of shard 0, 16 pictures,');
  }
  book.done({ shard: 99 }, {});
  expect(book.next()).toBeUndefined();
});
