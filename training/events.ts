/** What happens in a training run, in order: what `train` gives, and what a run's `log.jsonl` has a line for each of. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { readRunLog } from './folder/run_log.js';

const count = z.int().min(0);

/** A log has texts for numbers that JSON has not. */
const number = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const numbers = z.record(z.string(), number).readonly();

/** Iterations that are done, and the epoch, counted from 1, in which that was; 1 where training knows no epochs. */
const at = { epoch: count, iteration: count };

const score = z.strictObject({ metric: z.string(), value: number }).readonly();

const note = z
  .strictObject({
    kind: z.string(),
    where: z.string(),
    message: z.string(),
    count,
    examples: z.array(z.string()).readonly(),
  })
  .readonly();

/** Unknown keys of a log that a later version wrote are passed over. */
const eventSchema = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('started'),
      /** Those done before, 0 for a run that begins. */
      iteration: count,
      /** Of the whole run. */
      iterations: count,
      /** Of the whole run; absent where it is counted in iterations. */
      epochs: count.optional(),
      /** Absent where the sampler has no end. */
      iterationsOfEpoch: count.optional(),
      batchSize: count,
      seed: count,
      /** Numbers that are trained. */
      parameters: count,
      /** Where the run that goes on was. */
      resumedFrom: z.strictObject({ epoch: count, iteration: count }).readonly().optional(),
    })
    .readonly(),
  z
    .object({
      kind: z.literal('step'),
      ...at,
      /** By the names that OpenMMLab logs. */
      losses: numbers,
      /** Numbers beside the losses: an accuracy. */
      logged: numbers,
      /** The sum of the losses. */
      loss: number,
      /** Of all gradients together, before they are clipped; absent where nothing is clipped by it, or no step was made. */
      gradientNorm: number.optional(),
      /** With which the step was made, before `paramwise_cfg`. */
      learningRate: number,
      /** From one step's end to the next one's, without validation and writing. */
      seconds: number,
      /** Of these, how long the network waited for its batch. */
      waitingSeconds: number,
    })
    .readonly(),
  z
    .object({
      kind: z.literal('validated'),
      ...at,
      /** By the names that mmdet and mmseg log: `coco/bbox_mAP`, `mIoU`. */
      metrics: numbers,
      /** Whether it is the best so far, by what `save_best` says. */
      isBest: z.boolean(),
      seconds: number,
    })
    .readonly(),
  z
    .object({
      kind: z.literal('checkpoint'),
      ...at,
      which: z.enum(['last', 'best', 'numbered']),
      path: z.string(),
    })
    .readonly(),
  z
    .object({
      kind: z.literal('note'),
      iteration: count,
      note,
    })
    .readonly(),
  z
    .object({
      kind: z.literal('finished'),
      ...at,
      /** `stopped`: by whoever ran it, with everything written to go on. */
      reason: z.enum(['completed', 'stopped', 'early-stopping']),
      /** Why it stopped early: a sentence. */
      why: z.string().optional(),
      /** The best validation; absent without one. */
      best: score.optional(),
    })
    .readonly(),
]);

/** One thing that happened, by its `kind`. Times are in seconds. */
export type TrainingEvent = z.output<typeof eventSchema>;

/** The event of one kind. */
export type TrainingEventOf<Kind extends TrainingEvent['kind']> = Extract<TrainingEvent, { readonly kind: Kind }>;

/**
 * The events of a run's `log.jsonl`. A last line that a killed process left unfinished is passed over.
 * @returns none where there is no such file.
 * @throws {LowformerError} `unreadable-file` for one that cannot be read, or has other lines.
 */
export async function readTrainingEvents(path: string): Promise<readonly TrainingEvent[]> {
  const lines = await readRunLog(path);
  return lines.map((line, i) => {
    const { success, data } = eventSchema.safeParse(line);
    if (success) return data;
    const where = `${path}:${i + 1}`;
    throw new LowformerError({ code: 'unreadable-file', where, expected: 'an event of a training run, as JSON' });
  });
}
