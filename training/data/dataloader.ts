/** mmengine's `train_dataloader` and `val_dataloader`, but for the data set in them. */
import { z } from 'zod';
import { type BatchPlan, samplerSchema } from '../loading/samplers.js';

const unused = z.unknown().optional();

const shared = {
  batch_size: z.int().positive(),
  num_workers: z.int().min(0).default(0).describe('threads; 0 for the calling one'),
  dataset: z.looseObject({ type: z.string() }),
  drop_last: z.boolean().default(false),
  prefetch_factor: z.int().positive().nullish().describe('batches ahead for each thread'),
  persistent_workers: unused,
  pin_memory: unused,
  collate_fn: unused,
  worker_init_fn: unused,
  timeout: unused,
  multiprocessing_context: unused,
  batch_sampler: z
    .strictObject({ type: z.literal('AspectRatioBatchSampler'), drop_last: z.boolean().default(false) })
    .nullish()
    .describe('wide and tall pictures come in batches of their own'),
} as const;

export const trainDataloaderSchema = z.strictObject({
  ...shared,
  sampler: samplerSchema.prefault({ type: 'DefaultSampler' }),
});
export type TrainDataloader = z.output<typeof trainDataloaderSchema>;

/** Pictures are validated in their order, each once: a sampler may stand there and changes nothing. */
export const valDataloaderSchema = z.strictObject({ ...shared, sampler: unused });
export type ValDataloader = z.output<typeof valDataloaderSchema>;

/** @param runSeed counts where the sampler has no seed of its own. */
export function batchPlan(loader: TrainDataloader, runSeed: number): BatchPlan {
  const { sampler, batch_sampler: batches } = loader;
  return {
    sampler: sampler.type,
    shuffle: sampler.shuffle,
    seed: sampler.seed ?? runSeed,
    batchSize: loader.batch_size,
    dropLast: loader.drop_last || batches?.drop_last === true,
    byAspectRatio: batches != null,
  };
}

/** How mmengine's loaders put a batch together and do so here. */
const COLLATED = ['pseudo_collate', 'default_collate'];

/** Keys that a config sets and that are not followed. */
export function unfollowedLoaderKeys(loader: TrainDataloader | ValDataloader): readonly string[] {
  const { collate_fn: collate } = loader;
  const own = typeof collate === 'object' && collate !== null && 'type' in collate ? String(collate.type) : undefined;
  return [
    ...(collate == null || (own !== undefined && COLLATED.includes(own)) ? [] : ['collate_fn']),
    ...(['worker_init_fn', 'timeout', 'multiprocessing_context'] as const).filter((key) => Boolean(loader[key])),
  ];
}
