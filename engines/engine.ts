import type { Tensors } from '../core/tensor.js';

/** A network made ready to run on one device. Calls queue; the event loop stays free. */
export interface Engine extends AsyncDisposable {
  /** `cpu`, `webgpu`, `cuda`… as the user named it. */
  readonly device: string;
  /**
   * Named float32 tensors in (NCHW), named float32 tensors out.
   * @throws {LowformerError} `disposed` after disposal; the signal's reason when aborted.
   */
  run(inputs: Tensors, options?: RunOptions): Promise<Tensors>;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
}
