import type { Tensors } from '../../core/tensor.js';
import type { Port } from '../network_inputs.js';
import type { ModelSource } from '../onnx/model_source.js';

/** What is asked of the thread that holds a network in OpenVINO. */
export type OpenvinoRequest =
  /** @param library the file of the C interface. */
  | { readonly kind: 'open'; readonly library: string }
  | { readonly kind: 'load'; readonly source: ModelSource; readonly settings: OpenvinoSettings }
  | { readonly kind: 'run'; readonly inputs: Tensors }
  | { readonly kind: 'release' };

/** What it answers; each request has its own kind of answer. */
export type OpenvinoAnswer =
  /** @param bfloat16 whether the processor has instructions for it. */
  | { readonly kind: 'opened'; readonly version: string; readonly bfloat16: boolean }
  | { readonly kind: 'loaded'; readonly inputs: readonly Port[] }
  | { readonly kind: 'outputs'; readonly outputs: Tensors; readonly milliseconds: number }
  | { readonly kind: 'released' };

export interface OpenvinoSettings {
  readonly threads: number;
  /** What it calculates in. */
  readonly precision: 'float32' | 'bfloat16';
}
