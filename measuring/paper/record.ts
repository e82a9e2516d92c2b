import { z } from 'zod';
import { comparisonSchema, headSchema, partSchema, resultSchema } from '../record.js';

const publishedNetworkSchema = z.strictObject({
  config: z.string(),
  name: z.string(),
  family: z.string(),
  top1: z.number(),
  side: z.int().positive(),
  parameters: z.number(),
  macs: z.number(),
  source: z.string(),
});

/** LowFormer's figure to the peer's, as published and as measured. */
export const ratioSchema = z.strictObject({
  quantity: z.enum(['throughput', 'latency']),
  /** null where no ratio was published for this pair. */
  published: z.strictObject({ ratio: z.number().positive(), device: z.string() }).nullable(),
  /** The same ratio on this machine: median and middle half. */
  measured: z.strictObject({ ratio: z.number(), q25: z.number(), q75: z.number() }),
  batch: z.int().positive(),
  /** `same`: LowFormer is ahead here as it was there; `unclear`: this machine cannot tell. */
  direction: z.enum(['same', 'opposite', 'unclear']).nullable(),
});
export type RatioRecord = z.output<typeof ratioSchema>;

export const pairSchema = z.strictObject({
  name: z.string(),
  first: z.string(),
  second: z.string(),
  /** Height and width of each one's pictures. */
  sides: z.tuple([z.int().positive(), z.int().positive()]),
  part: partSchema,
  ratios: z.array(ratioSchema),
});
export type PairRecord = z.output<typeof pairSchema>;

/** What `lowformer benchmark paper` writes as JSON. */
export const paperSchema = headSchema.extend({
  kind: z.literal('paper'),
  device: z.string(),
  /** What differs from the paper's set-up. */
  differences: z.array(z.string()),
  pairs: z.array(pairSchema),
  results: z.array(resultSchema),
  comparisons: z.array(comparisonSchema),
  published: z.array(publishedNetworkSchema),
});
export type PaperRecord = z.output<typeof paperSchema>;
