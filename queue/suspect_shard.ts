/** A shard that cost a worker its life, done so that what the next one ends at is known. */
import { type ShardJob, shardProgressSchema } from './shards.js';

export interface SuspectSteps<Outcome> {
  /** Told, and kept by others, before the pictures at these places are begun. */
  begin(at: readonly number[]): Promise<void>;
  /** An outcome for each place, as a batch of their own. */
  predict(at: readonly number[]): Promise<readonly Outcome[]>;
}

/** Places among a shard's files in its batches, without those that are left out: what was beside them keeps its batch. */
export function batchesOf({ files, without }: ShardJob, batchSize: number): readonly (readonly number[])[] {
  const batches = Array.from({ length: Math.ceil(files.length / batchSize) }, (_, batch) =>
    [...files.keys()].slice(batch * batchSize, (batch + 1) * batchSize).filter((place) => !without.includes(place)),
  );
  return batches.filter((batch) => batch.length > 0);
}

/**
 * One batch after another. The batch that the worker before ended at, if it said so, has its pictures done alone first: a
 * single one that ends this worker, too, is found, and only the whole batch is blamed where none does.
 * @param progress what the worker before said last.
 */
export async function predictSuspect<Outcome>(
  shard: ShardJob,
  batchSize: number,
  progress: unknown,
  { begin, predict }: SuspectSteps<Outcome>,
): Promise<readonly Outcome[]> {
  const told = shardProgressSchema.safeParse(progress);
  const outcomes: Outcome[] = [];
  for (const batch of batchesOf(shard, batchSize)) {
    const endedAt = told.success && told.data.at.length > 1 && batch.every((place) => told.data.at.includes(place));
    if (endedAt) {
      for (const place of batch) {
        await begin([place]);
        await predict([place]);
      }
    }
    await begin(batch);
    outcomes.push(...(await predict(batch)));
  }
  return outcomes;
}
