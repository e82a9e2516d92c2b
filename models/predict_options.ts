/** What a prediction may be told, and how options are checked while running. No Node API. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import { schemaError } from '../registry/schema_error.js';
import type { PredictOptions as RunOptions } from '../tasks/predictor.js';

export interface PredictOptions extends RunOptions {
  /**
   * Bytes and raw pixels are handed over: they are not copied, and whoever gave them neither reads nor writes them until
   * the result is there. Without it they are copied when the call is made, and may be written to at once.
   */
  readonly transfer?: boolean;
}

export interface PredictManyOptions extends PredictOptions {
  /** Pictures in one run of the network; default 1. */
  readonly batchSize?: number;
}

export const signal = z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional();
export const callback = z.custom((value) => typeof value === 'function', { error: 'expected a function' }).optional();

export const predictSchema = z.strictObject({ signal, onTiming: callback, transfer: z.boolean().optional() });

export const predictManySchema = predictSchema.extend({ batchSize: z.int().positive().optional() });

/** @throws {LowformerError} `invalid-argument`, naming the option: one that is not known, or of another type. */
export function checkOptions(schema: z.ZodType, given: unknown): void {
  if (given === undefined) return;
  const result = schema.safeParse(given);
  if (result.success) return;
  const { parts } = schemaError(result.error, { path: 'options', input: given, schema });
  throw new LowformerError({ ...parts, code: 'invalid-argument' });
}
