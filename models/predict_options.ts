/** What a prediction may be told, and how options are checked while running. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { schemaError } from '../registry/schema_error.js';
import type { LabelRows } from '../tasks/parted_predictor.js';
import type { PredictOptions as RunOptions } from '../tasks/predictor.js';
import { type SliceOptions, sliceSchema } from './slices.js';

export interface PredictOptions extends RunOptions {
  /**
   * Bytes and raw pixels are handed over: they are not copied, and whoever gave them neither reads nor writes them until
   * the result is there. Without it they are copied when the call is made, and may be written to at once.
   */
  readonly transfer?: boolean;
  /** Pictures with more pixels are refused; 268 million unless told otherwise. */
  readonly maxPixels?: number;
  /** A detector goes over each picture in windows, and merges what it finds in them. */
  readonly slices?: SliceOptions;
  /**
   * Gets a segmentor's label map of a large picture that is read in parts (more than 67 million pixels) some rows at a time, from the
   * top down: the result then has none. A smaller picture's result has its label map.
   */
  readonly onLabels?: (rows: LabelRows) => Promise<void> | void;
}

export interface PredictManyOptions extends PredictOptions {
  /** Pictures in one run of the network, or windows with `slices`; default 1. */
  readonly batchSize?: number;
}

export const signal = z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional();
export const callback = z.custom((value) => typeof value === 'function', { error: 'expected a function' }).optional();

export const predictSchema = z.strictObject({
  signal,
  onTiming: callback,
  transfer: z.boolean().optional(),
  maxPixels: z.int().positive().optional(),
  slices: sliceSchema.optional(),
  onLabels: callback,
});

export const predictManySchema = predictSchema.extend({ batchSize: z.int().positive().optional() });

/** @throws {LowformerError} `invalid-argument`, naming the option: one that is not known, or of another type. */
export function checkOptions(schema: z.ZodType, given: unknown): void {
  if (given === undefined) return;
  const result = schema.safeParse(given);
  if (result.success) return;
  const { parts } = schemaError(result.error, { path: 'options', input: given, schema });
  throw new LowformerError({ ...parts, code: 'invalid-argument' });
}
