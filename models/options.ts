/** The options of the library's functions, checked while running as the compiler checks them: not all callers have one. */
import { z } from 'zod';
import { LowformerError } from '../core/errors.js';
import type { EngineName } from '../engines/engines.js';
import { PRECISIONS, type Precision } from '../graph/onnx/precision.js';
import { schemaError } from '../registry/schema_error.js';
import type { PredictOptions as RunOptions } from '../tasks/predictor.js';

export interface LoadOptions {
  /** `.pth`, `.pt` or `.safetensors`; by default the config's `load_from`. */
  readonly checkpoint?: string;
  /** Parts of the network that the checkpoint need not fill: `['neck', 'bbox_head']`. */
  readonly allowMismatch?: readonly string[];
  /** Changes to the config: `['model.test_cfg.score_thr=0.3']`. */
  readonly cfgOptions?: readonly string[];
  /** `cpu` (the default), `webgpu`, `cuda`, `tensorrt`, `coreml`, `dml`. */
  readonly device?: string;
  /** `onnxruntime` (the default), `tfjs`, or one that was added to `ENGINES`. */
  readonly engine?: EngineName;
  /** Threads of the network; by default the cores that this process may use. */
  readonly threads?: number;
  /** `float32` (the default) or `float16`, which most graphics processors run faster. */
  readonly precision?: Precision;
  /** bfloat16 products on ARM64 processors that have such instructions: faster, less exact. An error elsewhere. */
  readonly fastMath?: boolean;
  /** Predictions that may wait for the network, 1024 unless told otherwise; one more is the error `too-many-calls`. */
  readonly maxWaitingCalls?: number;
  readonly signal?: AbortSignal;
  /** Told line by line what was loaded and what was not, and later when the network had to be loaded again. */
  readonly onMessage?: (line: string) => void;
}

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

const signal = z.instanceof(AbortSignal, { error: 'expected an AbortSignal' }).optional();
const callback = z.custom((value) => typeof value === 'function', { error: 'expected a function' }).optional();

export const loadSchema = z.strictObject({
  checkpoint: z.string().optional(),
  allowMismatch: z.array(z.string()).readonly().optional(),
  cfgOptions: z.array(z.string()).readonly().optional(),
  device: z.string().optional(),
  engine: z.string().optional(),
  threads: z.int().positive().optional(),
  precision: z.enum(PRECISIONS).optional(),
  fastMath: z.boolean().optional(),
  maxWaitingCalls: z.int().min(0).optional(),
  signal,
  onMessage: callback,
});

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
