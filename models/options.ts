/** The options of the library's functions, checked while running as the compiler checks them: not all callers have one. */
import { z } from 'zod';
import type { AUTO } from '../engines/auto/choice.js';
import type { EngineName } from '../engines/engines.js';
import { PRECISIONS, type Precision } from '../graph/onnx/precision.js';
import type { PassSwitches } from '../graph/passes/index.js';
import type { FetchOptions } from './fetch_checkpoint.js';
import { callback, signal } from './predict_options.js';

export { checkOptions, type PredictManyOptions, type PredictOptions } from './predict_options.js';

/** Which passes run that are about what crosses to a device, and back. */
export interface CrossingSwitches {
  readonly topCandidates?: boolean;
  readonly labelMap?: boolean;
  readonly packedPixels?: boolean;
}

export interface LoadOptions extends Omit<FetchOptions, 'signal' | 'onMessage'> {
  /** `.pth`, `.pt` or `.safetensors`, a file or its `https:` address; by default the config's `load_from`, or what was published. */
  readonly checkpoint?: string;
  /** Where the weights lie in the file, where it has several sets: `state_dict_ema`, `model.state_dict`, `student`. */
  readonly checkpointKey?: string;
  /** Parts of the network that the checkpoint need not fill: `['neck', 'bbox_head']`. */
  readonly allowMismatch?: readonly string[];
  /** Changes to the config: `['model.test_cfg.score_thr=0.3']`. */
  readonly cfgOptions?: readonly string[];
  /** Test-time augmentation: several looks at each picture, as `tta_pipeline` and `tta_model` say; false by default. */
  readonly tta?: boolean;
  /** `cpu` (the default), `webgpu`, `cuda`, `tensorrt`, `coreml`, `dml`. */
  readonly device?: string;
  /**
   * `onnxruntime` (the default), `openvino`, `tfjs`, or one that was added to `ENGINES`. `auto` opens those that are installed, runs
   * the network in each, goes on with the fastest, and remembers it in the cache.
   */
  readonly engine?: EngineName | typeof AUTO;
  /** Threads of the network; by default the cores that this process may use, shared out among the sessions. */
  readonly threads?: number;
  /** Copies of the network that run side by side, 1 unless told otherwise: for many pictures on many cores. */
  readonly sessions?: number;
  /**
   * `float32` (the default); `float16`, which most graphics processors run faster; `bfloat16`, which the engine `openvino` has on
   * processors with instructions for it.
   */
  readonly precision?: Precision;
  /** bfloat16 products on ARM64 processors that have such instructions: faster, less exact. An error elsewhere. */
  readonly fastMath?: boolean;
  /**
   * Passes over the network that are to run or not, in place of what is fastest: `{ composeLinear: false }`. `topCandidates`,
   * `labelMap` and `packedPixels`, false by default, are for graphics devices: of a detector, only what can become boxes is read back, of a
   * segmentor its labels, and pictures go up as bytes, which the device normalises (docs/devices.md).
   */
  readonly passes?: PassSwitches & CrossingSwitches;
  /** Predictions that may wait for the network, 1024 unless told otherwise; one more is the error `too-many-calls`. */
  readonly maxWaitingCalls?: number;
  /**
   * Keeps a large network in the cache as the runtime has optimised it, and which engine `auto` has measured to be the fastest, and
   * takes them from there when it is loaded again: true by default. Results are the same.
   */
  readonly keepNetwork?: boolean;
  /**
   * A detector's boxes are predicted at every pixel: false by default, where they are predicted only at the pixels whose class
   * scores let them through, as far as the head and the engine allow. Boxes are the same up to rounding.
   */
  readonly denseBoxes?: boolean;
  readonly signal?: AbortSignal;
  /** Told line by line what was loaded and what was not, and later when the network had to be loaded again. */
  readonly onMessage?: (line: string) => void;
}

export const loadSchema = z.strictObject({
  checkpoint: z.string().optional(),
  checkpointKey: z.string().optional(),
  allowMismatch: z.array(z.string()).readonly().optional(),
  cfgOptions: z.array(z.string()).readonly().optional(),
  tta: z.boolean().optional(),
  device: z.string().optional(),
  engine: z.string().optional(),
  threads: z.int().positive().optional(),
  sessions: z.int().positive().optional(),
  precision: z.enum(PRECISIONS).optional(),
  fastMath: z.boolean().optional(),
  passes: z
    .strictObject({
      composePairs: z.boolean().optional(),
      composeLinear: z.boolean().optional(),
      subPixel: z.boolean().optional(),
      winograd: z.boolean().optional(),
      topCandidates: z.boolean().optional(),
      labelMap: z.boolean().optional(),
      packedPixels: z.boolean().optional(),
    } satisfies Record<keyof NonNullable<LoadOptions['passes']>, z.ZodType>)
    .optional(),
  maxWaitingCalls: z.int().min(0).optional(),
  cache: z.string().optional(),
  offline: z.boolean().optional(),
  maxDownload: z.number().positive().optional(),
  keepNetwork: z.boolean().optional(),
  denseBoxes: z.boolean().optional(),
  signal,
  onMessage: callback,
  onDownload: callback,
});
