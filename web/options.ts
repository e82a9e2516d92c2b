/** The options of the browser's load functions, checked while running as the compiler checks them. */
import { z } from 'zod';
import type { RuntimeFiles } from '../engines/onnxruntime_web/engine.js';
import { ONNX_PRECISIONS, type OnnxPrecision } from '../graph/onnx/precision.js';
import { callback, signal } from '../models/predict_options.js';
import type { FetchProgress } from './fetch_file.js';

export interface LoadOptions {
  /**
   * `.pth`, `.pt` or `.safetensors`: its address, or its bytes; by default the config's `load_from`, or what was published
   * with its name.
   */
  readonly checkpoint?: string | URL | Blob | Uint8Array | ArrayBuffer;
  /** Where the weights lie in the file, where it has several sets: `state_dict_ema`, `model.state_dict`, `student`. */
  readonly checkpointKey?: string;
  /** Configs that the name or `_base_` may mean, by file name, each as parsed from JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** Parts of the network that the checkpoint need not fill: `['neck', 'bbox_head']`. */
  readonly allowMismatch?: readonly string[];
  /** Changes to the config: `['model.test_cfg.score_thr=0.3']`. */
  readonly cfgOptions?: readonly string[];
  /** `cpu` (the default) or `webgpu`. */
  readonly device?: 'cpu' | 'webgpu';
  /** Threads of the network on the processor; by default the cores, 8 at most, where the page may share memory, else 1. */
  readonly threads?: number;
  /** `float32` (the default) or `float16`, which most graphics processors run faster. */
  readonly precision?: OnnxPrecision;
  /** Where ONNX Runtime's own files lie for each device; by default where its package, or the bundler, has put them. */
  readonly runtimeFiles?: RuntimeFiles;
  /** Whether the network has a worker of its own (the default), or runs in the calling thread, which it holds up. */
  readonly worker?: boolean;
  /** Gives up loading. */
  readonly signal?: AbortSignal;
  /** Told line by line what was loaded and what was not. */
  readonly onMessage?: (line: string) => void;
  /** Told how far the checkpoint is, where it comes from a server. */
  readonly onDownload?: (progress: FetchProgress) => void;
}

const address = z.object({ mjs: z.string(), wasm: z.string() });

export const loadSchema = z.strictObject({
  checkpoint: z
    .union([z.string(), z.instanceof(URL), z.instanceof(Blob), z.instanceof(Uint8Array), z.instanceof(ArrayBuffer)], {
      error: 'expected an address, a Blob, a Uint8Array or an ArrayBuffer',
    })
    .optional(),
  checkpointKey: z.string().optional(),
  files: z.record(z.string(), z.unknown()).optional(),
  allowMismatch: z.array(z.string()).readonly().optional(),
  cfgOptions: z.array(z.string()).readonly().optional(),
  device: z.enum(['cpu', 'webgpu']).optional(),
  threads: z.int().positive().optional(),
  precision: z.enum(ONNX_PRECISIONS).optional(),
  runtimeFiles: z.object({ wasm: address, webgpu: address }).optional(),
  worker: z.boolean().optional(),
  signal,
  onMessage: callback,
  onDownload: callback,
});
