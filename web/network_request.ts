/** What a page asks of whatever holds its network: a worker, or the page's own thread. Fit to be sent. */
import type { RgbImage } from '../core/frame.js';
import type { Result } from '../core/results.js';
import type { RuntimeFiles } from '../engines/onnxruntime_web/engine.js';
import type { WebDevice } from '../engines/onnxruntime_web/web_device.js';
import type { OnnxPrecision } from '../graph/onnx/precision.js';
import type { ModelFacts } from '../models/running_model.js';
import type { TaskKind } from '../registry/define_task.js';
import type { StageTiming } from '../tasks/predictor.js';
import type { Checksum } from '../weights/download/checksum.js';
import type { FetchProgress } from './fetch_file.js';

/** A checkpoint as a page has it; addresses are absolute. */
export type CheckpointSource =
  | { readonly kind: 'address'; readonly address: string; readonly sha256?: Checksum }
  | { readonly kind: 'blob'; readonly name: string; readonly blob: Blob }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array };

export interface NetworkRequest {
  /** Name or absolute address of the config. */
  readonly config: string;
  /** Configs by name, that one may be among. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly cfgOptions: readonly string[];
  readonly checkpoint: CheckpointSource | undefined;
  /** Where the weights lie in the file. */
  readonly checkpointKey: string | undefined;
  readonly allowMismatch: readonly string[];
  /** The task that the model has to have. */
  readonly task: TaskKind | undefined;
  readonly device: WebDevice;
  readonly threads: number;
  readonly precision: OnnxPrecision;
  readonly runtimeFiles: RuntimeFiles | undefined;
  /** What addresses in the config are relative to, where it has none of its own. */
  readonly base: string;
}

export type HostRequest =
  | { readonly kind: 'load'; readonly network: NetworkRequest }
  | { readonly kind: 'run'; readonly images: readonly RgbImage[]; readonly names: readonly string[] };

export type HostAnswer =
  | { readonly kind: 'loaded'; readonly facts: ModelFacts; readonly lines: readonly string[] }
  | { readonly kind: 'ran'; readonly results: readonly Result[] };

/** Told before the answer to `load`, how far its checkpoint is; before that to `run`, times of its batches. */
export type HostProgress =
  | { readonly kind: 'download'; readonly download: FetchProgress }
  | { readonly kind: 'timing'; readonly timing: StageTiming };
