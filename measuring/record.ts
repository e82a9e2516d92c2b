/** What `lowformer benchmark` writes as JSON: strict, so that a reader can rely on every key. */
import { z } from 'zod';
import { PRECISIONS } from '../graph/onnx/precision.js';

const positive = z.number().positive();
const count = z.int().min(0);

/** Of the same work in all rounds that count. Milliseconds. */
export const summarySchema = z.strictObject({
  median: z.number().min(0),
  q25: z.number().min(0),
  q75: z.number().min(0),
  least: z.number().min(0),
});
export type Summary = z.output<typeof summarySchema>;

export const sizeSchema = z.strictObject({ height: z.int().positive(), width: z.int().positive() });
export type InputSize = z.output<typeof sizeSchema>;

/** The whole network with its head, or the backbone's feature maps alone. */
export const partSchema = z.enum(['whole', 'backbone']);
export type Part = z.output<typeof partSchema>;

export const memorySchema = z.strictObject({
  /** Resident memory at its height, of a process that does nothing else: Node, the runtime, the network, its maps. */
  peak_bytes: positive,
  /** The same less what the process held before it opened the network. */
  network_bytes: z.number().min(0),
});
export type Memory = z.output<typeof memorySchema>;

/** The way of a batch from files to results. */
export const stagesSchema = z.strictObject({
  /** Decoding the picture's file. */
  file: summarySchema,
  /** Resizing, padding, normalising. */
  prepare: summarySchema,
  network: summarySchema,
  /** From raw outputs to boxes, labels or classes. */
  decode: summarySchema,
});
export type Stages = z.output<typeof stagesSchema>;

export const resultSchema = z.strictObject({
  config: z.string(),
  part: partSchema,
  device: z.string(),
  size: sizeSchema,
  /** Pictures in one run. */
  batch: z.int().positive(),
  /** The checkpoint's path, or `initial`. */
  weights: z.string(),
  parameters: count,
  /** Of one picture. */
  macs: count,
  rounds: z.int().positive(),
  /** Of one run of the network, all its pictures together. */
  milliseconds: summarySchema,
  pictures_per_second: positive,
  macs_per_second: z.number().min(0),
  stages: stagesSchema.optional(),
  /** Left out with `--no-memory`. */
  memory: memorySchema.optional(),
  /** The most that other processes took of all processors during a round that counts, 0 to 1. */
  others: z.number().min(0),
  /** Milliseconds of each round. */
  times: z.array(z.number().min(0)),
});
export type Result = z.output<typeof resultSchema>;

export const comparisonSchema = z.strictObject({
  first: z.string(),
  second: z.string(),
  size: z.strictObject({ first: sizeSchema, second: sizeSchema }),
  batch: z.int().positive(),
  /** Time of the first to that of the second, round by round: median and middle half. */
  ratio: z.number().min(0),
  q25: z.number().min(0),
  q75: z.number().min(0),
  rounds: count,
  verdict: z.enum(['faster', 'slower', 'unclear']),
});
export type ComparisonRecord = z.output<typeof comparisonSchema>;

/** What every record opens with. */
export const headSchema = z.strictObject({
  /** false where the run was interrupted: what it had measured by then is here. */
  complete: z.boolean(),
  date: z.iso.datetime(),
  machine: z.strictObject({
    processor: z.string(),
    /** Of the processor; older records have none. */
    instructions: z.string().optional(),
    cores: z.int().positive(),
    threads: z.string(),
    memory: z.string(),
    system: z.string(),
    node: z.string(),
    onnxruntime: z.string(),
    lowformer: z.string(),
  }),
  settings: z.strictObject({
    engine: z.string(),
    threads: z.int().positive(),
    precision: z.enum(PRECISIONS),
    fast_math: z.boolean(),
    rounds: z.int().positive(),
    warm_up: count,
  }),
});
export type Head = z.output<typeof headSchema>;

export const benchmarkSchema = headSchema.extend({
  kind: z.literal('benchmark'),
  results: z.array(resultSchema),
  comparisons: z.array(comparisonSchema),
});
export type BenchmarkRecord = z.output<typeof benchmarkSchema>;
