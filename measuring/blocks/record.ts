import { z } from 'zod';
import { headSchema, summarySchema } from '../record.js';

const variantSchema = z.strictObject({
  /** Of one layer. */
  macs: z.number().min(0),
  /** One layer's share of a run. */
  milliseconds: summarySchema,
  macs_per_second: z.number().min(0),
});

export const cellSchema = z.strictObject({
  channels: z.int().positive(),
  /** Height and width of the map. */
  side: z.int().positive(),
  first: variantSchema,
  second: variantSchema,
  /** Time of the first to that of the second. */
  ratio: z.number().min(0),
  q25: z.number().min(0),
  q75: z.number().min(0),
  rounds: z.int().min(0),
  verdict: z.enum(['faster', 'slower', 'unclear']),
  /** Which LowFormer takes here, and whether that is the faster one on this machine. */
  choice: z.enum(['first', 'second']),
  pays: z.enum(['yes', 'no', 'unclear']),
});
export type BlockCell = z.output<typeof cellSchema>;

export const blockComparisonSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  first: z.string(),
  second: z.string(),
  cells: z.array(cellSchema),
  /** Where LowFormer's choice pays on this machine, in words. */
  finding: z.string(),
});
export type BlockComparisonRecord = z.output<typeof blockComparisonSchema>;

/** What `lowformer benchmark blocks` writes as JSON. */
export const blocksSchema = headSchema.extend({
  kind: z.literal('blocks'),
  device: z.string(),
  comparisons: z.array(blockComparisonSchema),
});
export type BlocksRecord = z.output<typeof blocksSchema>;
