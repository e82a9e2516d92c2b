/**
 * Which pictures come in which batch: mmengine's `DefaultSampler` and `InfiniteSampler`, mmdet's
 * `AspectRatioBatchSampler`. The orders are those that they draw from the same seed; they follow from seed and place
 * alone, so that nothing of them has to be kept for a run to go on.
 */
import { z } from 'zod';
import { mersenneTwister, randomPermutation } from '../../core/mersenne_twister.js';

/** A `sampler`, with mmengine's keys. */
export const samplerSchema = z.strictObject({
  type: z.enum(['DefaultSampler', 'InfiniteSampler']),
  shuffle: z.boolean().default(true),
  seed: z.int().min(0).nullish().describe("the run's unless given"),
  round_up: z.boolean().optional().describe('of several processes; here is one'),
});

export interface BatchPlan {
  readonly sampler: 'DefaultSampler' | 'InfiniteSampler';
  readonly shuffle: boolean;
  readonly seed: number;
  readonly batchSize: number;
  /** Of an epoch, the last batch where it has fewer pictures. */
  readonly dropLast: boolean;
  /** Whether wide and tall pictures come in batches of their own. */
  readonly byAspectRatio: boolean;
}

/** What is drawn from: which picture each place stands for, and each picture's width and height. */
export interface SampledPictures {
  readonly places: Int32Array;
  /** Needed by `byAspectRatio` alone. */
  readonly sizes?: Uint32Array;
}

/** Where a run is: the next batch, counted in its epoch. An infinite sampler has but one epoch. */
export interface LoadingPlace {
  readonly epoch: number;
  readonly batch: number;
}

export interface PlannedBatch extends LoadingPlace {
  /** Pictures in order. */
  readonly pictures: readonly number[];
}

/** Batches of an epoch; undefined for an infinite sampler. */
export function batchesOfEpoch(plan: BatchPlan, { places }: SampledPictures): number | undefined {
  if (plan.sampler === 'InfiniteSampler') return undefined;
  const count = places.length / plan.batchSize;
  return plan.dropLast ? Math.floor(count) : Math.ceil(count);
}

/** Batches from a place on, without end: epoch after epoch. */
export function* plannedBatches(
  plan: BatchPlan,
  pictures: SampledPictures,
  from: LoadingPlace = { epoch: 0, batch: 0 },
): Generator<PlannedBatch, undefined> {
  if (pictures.places.length === 0 || batchesOfEpoch(plan, pictures) === 0) return;
  for (let epoch = from.epoch; ; epoch++) {
    const order = plan.sampler === 'DefaultSampler' ? epochOrder(plan, pictures, epoch) : infiniteOrder(plan, pictures);
    const lists = plan.byAspectRatio ? byAspectRatio(order, pictures, plan) : inTurn(order, plan);
    const first = epoch === from.epoch ? from.batch : 0;
    let batch = 0;
    for (const list of lists) {
      if (batch >= first) yield { epoch, batch, pictures: list };
      batch++;
    }
  }
}

/** Each epoch has a generator of its own: mmengine's `seed + epoch`. */
function* epochOrder({ shuffle, seed }: BatchPlan, { places }: SampledPictures, epoch: number) {
  yield* shuffle
    ? randomPermutation(mersenneTwister(seed + epoch), places.length).map((at) => places[at] ?? 0)
    : places;
}

function* infiniteOrder({ shuffle, seed }: BatchPlan, { places }: SampledPictures) {
  const next = mersenneTwister(seed);
  for (;;) yield* shuffle ? randomPermutation(next, places.length).map((at) => places[at] ?? 0) : places;
}

function* inTurn(order: Iterable<number>, { batchSize, dropLast }: BatchPlan) {
  let list: number[] = [];
  for (const picture of order) {
    list.push(picture);
    if (list.length < batchSize) continue;
    yield list;
    list = [];
  }
  if (list.length > 0 && !dropLast) yield list;
}

/** What is left at the end of an epoch comes mixed, tall pictures first. */
function* byAspectRatio(order: Iterable<number>, { sizes }: SampledPictures, plan: BatchPlan) {
  const tall: number[] = [];
  const wide: number[] = [];
  for (const picture of order) {
    const group = (sizes?.[2 * picture] ?? 0) < (sizes?.[2 * picture + 1] ?? 0) ? tall : wide;
    group.push(picture);
    if (group.length === plan.batchSize) yield group.splice(0);
  }
  yield* inTurn([...tall, ...wide], plan);
}
