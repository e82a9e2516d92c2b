import type { Tensors } from '../core/tensor.js';
import type { OnnxModel } from './onnx_model.js';

/** A network made ready to run on one device. Calls queue; the event loop stays free. */
export interface Engine extends AsyncDisposable {
  /** `cpu`, `webgpu`, `cuda`… as the user named it. */
  readonly device: string;
  /**
   * Named float32 tensors in (NCHW), named float32 tensors out.
   *
   * Calls run one at a time in the order in which they were made. A call that waits holds nothing but a reference to
   * its inputs: they are read when its turn comes, so leave them unchanged until the promise settles. They are never
   * detached. The outputs are the caller's own.
   *
   * @throws {LowformerError} `invalid-argument` for inputs that are not the network's, `disposed` after disposal,
   * `engine-failure` when the runtime fails; the signal's reason when aborted.
   */
  run(inputs: Tensors, options?: RunOptions): Promise<Tensors>;
}

export interface RunOptions {
  /**
   * Drops the call while it waits; a call that already runs is given up at once and its result discarded, while the
   * device finishes it (ONNX Runtime cannot be interrupted from Node) before the next call starts.
   */
  readonly signal?: AbortSignal;
  /** Told how many milliseconds the run took by itself, without the time in the queue. */
  readonly onRun?: (milliseconds: number) => void;
}

export interface EngineOptions {
  /** Where to run: `cpu`, `webgpu`, `cuda`… */
  readonly device: string;
  /** Threads of one operation on the processor; by default what `threadLimit` finds. */
  readonly threads?: number;
  /** Gives up loading. */
  readonly signal?: AbortSignal;
}

export type CreateEngine = (model: OnnxModel, options: EngineOptions) => Promise<Engine>;
