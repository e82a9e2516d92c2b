/** Orders are those of mmengine's and mmdet's samplers with the same seed. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { classBalanced, everyPicture, repeated } from '../../../training/loading/balance.js';
import {
  type BatchPlan,
  batchesOfEpoch,
  type LoadingPlace,
  type PlannedBatch,
  plannedBatches,
  samplerSchema,
} from '../../../training/loading/samplers.js';

const list = z.array(z.int());
const reference = z
  .object({
    sizes: z.array(z.tuple([z.int(), z.int()])),
    default: z.array(list),
    infinite: list,
    aspect: z.object({ true: z.array(z.array(list)), false: z.array(z.array(list)) }),
    aspectInfinite: z.array(list),
    cats: z.array(list),
    balanced: z.record(z.string(), list),
  })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/loading/samplers.json', import.meta.url), 'utf8')));

const sizes = Uint32Array.from(reference.sizes.flat());
const pictures = { places: everyPicture(reference.sizes.length), sizes };
const plan: BatchPlan = {
  sampler: 'DefaultSampler',
  shuffle: true,
  seed: 42,
  batchSize: 1,
  dropLast: false,
  byAspectRatio: false,
};

function take(of: BatchPlan, count: number, from?: LoadingPlace): readonly PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  for (const batch of plannedBatches(of, pictures, from)) if (batches.push(batch) === count) break;
  return batches;
}

test('DefaultSampler: every picture once an epoch, each epoch in another order', () => {
  const batches = take(plan, 39);
  expect(batches.map(({ epoch }) => epoch)).toEqual([0, 1, 2].flatMap((epoch) => new Array(13).fill(epoch)));
  expect(batches.flatMap((batch) => batch.pictures)).toEqual(reference.default.flat());
  const still = take({ ...plan, shuffle: false, batchSize: 5 }, 3);
  expect(still.map((batch) => batch.pictures)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
    [10, 11, 12],
  ]);
});

test('InfiniteSampler: order after order from one generator, batches across them', () => {
  const infinite = { ...plan, sampler: 'InfiniteSampler', batchSize: 5 } as const;
  expect(take(infinite, 6).flatMap((batch) => batch.pictures)).toEqual(reference.infinite);
  expect(batchesOfEpoch(infinite, pictures)).toBeUndefined();
});

describe('AspectRatioBatchSampler', () => {
  test.each([true, false])('drop_last %s', (dropLast) => {
    const of = { ...plan, seed: 7, batchSize: 3, dropLast, byAspectRatio: true };
    const [first = [], second = []] = reference.aspect[`${dropLast}`];
    expect(batchesOfEpoch(of, pictures)).toBe(first.length);
    const batches = take(of, first.length + second.length);
    expect(batches.map((batch) => batch.pictures)).toEqual([...first, ...second]);
  });

  test('without end', () => {
    const of = { ...plan, sampler: 'InfiniteSampler', seed: 7, batchSize: 4, byAspectRatio: true } as const;
    expect(take(of, 9).map((batch) => batch.pictures)).toEqual(reference.aspectInfinite);
  });
});

test('goes on from any place as if it had not stopped', () => {
  const plans = [
    plan,
    { ...plan, batchSize: 4, dropLast: true },
    { ...plan, batchSize: 3, byAspectRatio: true },
    { ...plan, sampler: 'InfiniteSampler', batchSize: 6 } as const,
  ];
  for (const of of plans) {
    const all = take(of, 24);
    for (const [i, { epoch, batch }] of all.entries()) expect(take(of, 24 - i, { epoch, batch })).toEqual(all.slice(i));
  }
});

test('RepeatDataset and ClassBalancedDataset', () => {
  expect([...repeated(Int32Array.of(4, 2), 3)]).toEqual([4, 2, 4, 2, 4, 2]);
  expect(() => repeated(Int32Array.of(1), 0.5)).toThrow('RepeatDataset.times: expected a whole number from 1');
  const { cats } = reference;
  const offsets = Uint32Array.from({ length: cats.length + 1 }, (_, i) => cats.slice(0, i).flat().length);
  const labels = Int32Array.from(cats.flat());
  const data = {
    kind: 'detection',
    name: 'a',
    files: cats.map((_, i) => `${i}.png`),
    sizes: new Uint32Array(2 * cats.length),
    offsets,
    boxes: new Float32Array(4 * labels.length),
    labels,
    ignored: new Uint8Array(labels.length),
  } as const;
  for (const [threshold, places] of Object.entries(reference.balanced)) {
    expect([...classBalanced(data, Number(threshold))]).toEqual(places);
  }
});

test('an empty set and one smaller than a batch end at once', () => {
  expect(plannedBatches(plan, { places: new Int32Array(0) }).next().done).toBe(true);
  expect(plannedBatches({ ...plan, batchSize: 14, dropLast: true }, pictures).next().done).toBe(true);
  expect(samplerSchema.parse({ type: 'DefaultSampler' })).toEqual({ type: 'DefaultSampler', shuffle: true });
});
