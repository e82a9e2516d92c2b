import type { Tensors } from '../../core/tensor.js';
import type { DeviceState } from '../define_engine.js';
import type { Port } from '../network_inputs.js';
import type { ModelSource } from '../onnx/model_source.js';

/** What is asked of the thread that holds the ONNX Runtime session. */
export type OnnxruntimeRequest =
  | { readonly kind: 'describe' }
  | { readonly kind: 'try'; readonly device: string }
  | { readonly kind: 'open'; readonly device: string }
  | {
      readonly kind: 'load';
      readonly source: ModelSource;
      readonly settings: SessionSettings;
      readonly optimisation: Optimisation;
    }
  | { readonly kind: 'run'; readonly inputs: Tensors }
  | { readonly kind: 'release' };

/** What it answers; each request has its own kind of answer. */
export type OnnxruntimeAnswer =
  | { readonly kind: 'described'; readonly version: string; readonly devices: readonly string[] }
  | { readonly kind: 'tried'; readonly state: DeviceState }
  | { readonly kind: 'opened'; readonly version: string }
  | { readonly kind: 'loaded'; readonly inputs: readonly Port[] }
  | { readonly kind: 'outputs'; readonly outputs: Tensors; readonly milliseconds: number }
  | { readonly kind: 'released' };

/** How a session is to run. */
export interface SessionSettings {
  readonly device: string;
  readonly threads: number;
  /** bfloat16 products on ARM64. */
  readonly fastMath: boolean;
}

/** What is done to a model before it runs, and where the outcome is written; nothing to one that was written so. */
export type Optimisation =
  | { readonly kind: 'runs' }
  | { readonly kind: 'kept'; readonly model: string; readonly weights: string }
  | { readonly kind: 'done' };
