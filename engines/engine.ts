import type { LowformerError } from '../core/errors.js';
import type { Tensors } from '../core/tensor.js';
import type { Network } from '../graph/graph.js';
import type { Precision } from '../graph/onnx/precision.js';
import type { KeptNetwork } from './kept_network.js';
import type { OnnxModel } from './onnx_model.js';

/** A network made ready to run on one device. Calls queue; the event loop stays free. */
export interface Engine extends AsyncDisposable {
  /** `cpu`, `webgpu`, `cuda`… as the user named it. */
  readonly device: string;
  /**
   * Named float32 tensors in (NCHW), named float32 tensors out.
   *
   * Calls run one at a time, or as many as there are sessions, in the order in which they were made. A call that waits holds nothing but a reference to
   * its inputs: they are read when its turn comes, so leave them unchanged until the promise settles. They are never
   * detached unless they were `given`. The outputs are the caller's own.
   *
   * @throws {LowformerError} `invalid-argument` for inputs that are not the network's, `too-many-calls` when as many
   * wait as may, `disposed` after disposal, `out-of-memory` for a batch or a size that the device has no memory for,
   * `lost-device` when the driver has lost it (WebGPU; the next call opens the network anew), `engine-failure` when the runtime fails or its thread dies; the signal's reason when aborted.
   */
  run(inputs: Tensors, options?: RunOptions): Promise<Tensors>;
}

export interface RunOptions {
  /**
   * Drops the call while it waits; a call that already runs is given up at once and its result discarded, while the
   * device finishes it (ONNX Runtime cannot be interrupted from Node) before the next call starts.
   */
  readonly signal?: AbortSignal;
  /**
   * The inputs are the engine's from the call on, and nobody's afterwards: it may take their memory over, which spares a
   * copy, and leaves the caller arrays of length 0. Without it they stay the caller's.
   */
  readonly given?: boolean;
  /** Told how many milliseconds the run took by itself, without the time in the queue. */
  readonly onRun?: (milliseconds: number) => void;
}

export interface EngineOptions {
  /** Where to run: `cpu`, `webgpu`, `cuda`… */
  readonly device: string;
  /** Threads of one operation on the processor; by default what `threadLimit` finds, shared out among the sessions. */
  readonly threads?: number;
  /**
   * Copies of the network that run calls side by side; 1 unless told otherwise. For many calls on many cores: a thread that
   * has a picture to itself waits for no other. Each has maps of its own in memory, and weights but for kept ones.
   */
  readonly sessions?: number;
  /** What the network calculates in; `float32` unless told otherwise. Inputs and outputs are float32 either way. */
  readonly precision?: Precision;
  /**
   * Products in bfloat16 on ARM64 processors that have such instructions, summed in float32: faster, with a part in a
   * hundred of the largest value in doubt. An error on other processors and devices.
   */
  readonly fastMath?: boolean;
  /** How many calls may wait beside the running one; 1024 unless told otherwise. One more is refused. */
  readonly maxWaitingCalls?: number;
  /** Told why, when the engine's thread has died and is started again. */
  readonly onRestart?: (reason: LowformerError) => void;
  /**
   * Told in one line, once, when a graphics device has not answered for 15 s: its driver compiles programs, or hangs. Nothing is
   * given up for it. ONNX Runtime does so, other engines do not.
   */
  readonly onSlowDriver?: (line: string) => void;
  /**
   * Where to keep what the runtime makes of the network, and to take it from; where it is there, the network is not read.
   * ONNX Runtime does so for large networks on the processor, other engines do not.
   */
  readonly kept?: KeptNetwork;
  /** Gives up loading. */
  readonly signal?: AbortSignal;
}

/** What an engine runs: a network, or a file that holds one already, which ONNX Runtime and OpenVINO read. */
export type EngineModel = Network | OnnxModel;

export type CreateEngine = (model: EngineModel, options: EngineOptions) => Promise<Engine>;
