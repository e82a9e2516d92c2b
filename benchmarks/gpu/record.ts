/** What a run on a graphics card writes: one record, which grows step by step. */
import { z } from 'zod';

/** One line of a step's table: names and figures. */
export const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type Row = z.output<typeof rowSchema>;

/** What a step's process sends to the process that started it. */
export const messageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('row'), row: rowSchema }),
  z.strictObject({ kind: z.literal('failure'), reason: z.string() }),
  /** What the step needs is not there. */
  z.strictObject({ kind: z.literal('missing'), reason: z.string() }),
]);
export type Message = z.output<typeof messageSchema>;

export const stepSchema = z.strictObject({
  name: z.string(),
  /** `failed` and `out of time` keep the rows that came before. */
  outcome: z.enum(['done', 'failed', 'out of time', 'not here', 'no time left']),
  seconds: z.number(),
  /** Why it is not `done`. */
  reason: z.string().optional(),
  rows: z.array(rowSchema),
});
export type StepRecord = z.output<typeof stepSchema>;

export const cardSchema = z.strictObject({
  name: z.string(),
  driver: z.string(),
  /** MiB, as nvidia-smi says it; null where nothing says it. */
  memory: z.number().nullable(),
});
export type Card = z.output<typeof cardSchema>;

export const runSchema = z.strictObject({
  kind: z.literal('gpu'),
  date: z.iso.datetime(),
  short: z.boolean(),
  complete: z.boolean(),
  /** undefined where no NVIDIA driver answers. */
  card: cardSchema.optional(),
  /** How the Vulkan driver was found. */
  vulkan: z.string(),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  steps: z.array(stepSchema),
});
export type RunRecord = z.output<typeof runSchema>;
