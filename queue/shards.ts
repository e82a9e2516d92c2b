/** The pictures of a run in shards: what one worker takes at once. */
import { z } from 'zod';
import { type EncodedOutcome, outcomeSchema } from './result_code.js';

/** Pictures of a shard: enough that taking it costs nothing beside them, few enough that little is done twice. */
const MOST_PICTURES = 16;
/** As many shards at least, where there are as many batches: so that workers end at about the same time. */
const LEAST_SHARDS = 64;

/** Pictures of each shard but the last: whole batches, since pictures of one batch pad each other. */
export function shardSize(pictures: number, batchSize: number): number {
  const wanted = Math.min(MOST_PICTURES, Math.ceil(pictures / LEAST_SHARDS));
  return Math.max(1, Math.ceil(wanted / batchSize)) * batchSize;
}

/** What a worker is given: the same shard, however often it is given out. */
export const shardSchema = z.strictObject({
  /** From 0. */
  shard: z.int().min(0),
  /** Absolute paths where the work was given out. */
  files: z.array(z.string()).min(1),
  /** Places among `files` of pictures that no worker survived: they are left out, and what was beside them keeps its batch. */
  without: z.array(z.int().min(0)),
});
export type ShardJob = z.output<typeof shardSchema>;

/** What comes back: an outcome for each file that was not left out, in their order. */
export const shardResultSchema = z.strictObject({
  shard: z.int().min(0),
  worker: z.string(),
  outcomes: z.array(outcomeSchema),
});
export interface ShardResult {
  readonly shard: number;
  readonly worker: string;
  readonly outcomes: readonly EncodedOutcome[];
}

/** What a worker tells of a shard that cost another its life: the places among `files` of the pictures that it is at. */
export const shardProgressSchema = z.strictObject({ at: z.array(z.int().min(0)).min(1) });
