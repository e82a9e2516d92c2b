/** ONNX Runtime's WebAssembly and WebGPU builds behind the `Engine` interface; to be used inside a worker. */
import type { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-web';
import { LowformerError } from '../../core/errors.js';
import type { Tensors } from '../../core/tensor.js';
import type { Engine, RunOptions } from '../engine.js';
import { checkInputs, type Port } from '../network_inputs.js';
import { type OnnxModel, wholeModel } from '../onnx_model.js';
import type { WebDevice } from './web_device.js';

/** Each build is fetched when a network is to run on its device: they are 14 and 26 MB. */
const RUNTIMES = {
  wasm: () => import('onnxruntime-web/wasm'),
  webgpu: () => import('onnxruntime-web/webgpu'),
} as const;

type Runtime = Awaited<ReturnType<(typeof RUNTIMES)[WebDevice]>>;

export interface WebEngineOptions {
  readonly device: WebDevice;
  /** Of one operation on the processor. */
  readonly threads: number;
  /** Where the runtime's own files lie for each device; by default where its package looks for them. */
  readonly files?: RuntimeFiles;
}

/** Addresses of the build of ONNX Runtime that serves a device. */
export type RuntimeFiles = Readonly<Record<WebDevice, { readonly mjs: string; readonly wasm: string }>>;

/**
 * Loads a model with float32 inputs and outputs. Runs queue; where operations are missing on WebGPU, the processor
 * takes them.
 * @throws {LowformerError} `engine-failure` where the runtime or the model cannot be loaded: out of memory, or no WebGPU.
 */
export async function createWebEngine(model: OnnxModel, options: WebEngineOptions): Promise<Engine> {
  const { device } = options;
  const runtime = await loadRuntime(options);
  const session = await runtime.InferenceSession.create(wholeModel(model), {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    // Errors alone: it would warn of each small operation that it leaves to the processor on purpose.
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw failure(`a network that runs on ${device === 'wasm' ? 'the processor' : 'WebGPU'}`, cause, device);
  });
  const ports = session.inputMetadata.map(portOf);
  let queue: Promise<unknown> = Promise.resolve();
  return {
    device,
    run(inputs, { signal, onRun }: RunOptions = {}) {
      const turn = queue.then(() => {
        signal?.throwIfAborted();
        return runOnce({ runtime, session, ports, device }, inputs, onRun);
      });
      queue = turn.catch(() => {});
      return turn;
    },
    async [Symbol.asyncDispose]() {
      await queue;
      await session.release();
    },
  };
}

async function loadRuntime({ device, threads, files }: WebEngineOptions): Promise<Runtime> {
  const runtime = await RUNTIMES[device]().catch((cause: unknown) => {
    throw new LowformerError({
      code: 'missing-package',
      where: 'onnxruntime-web',
      expected: "the package 'onnxruntime-web', which runs networks in a browser",
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'Install it beside lowformer: npm install onnxruntime-web',
      cause,
    });
  });
  runtime.env.logLevel = 'error';
  runtime.env.wasm.numThreads = threads;
  if (files !== undefined) runtime.env.wasm.wasmPaths = files[device];
  return runtime;
}

interface Session {
  readonly runtime: Runtime;
  readonly session: InferenceSession;
  readonly ports: readonly Port[];
  readonly device: WebDevice;
}

async function runOnce(
  { runtime, session, ports, device }: Session,
  inputs: Tensors,
  onRun: RunOptions['onRun'],
): Promise<Tensors> {
  checkInputs(inputs, ports);
  const feeds: Record<string, RuntimeTensor> = {};
  for (const [name, { shape, data }] of Object.entries(inputs)) {
    feeds[name] = new runtime.Tensor('float32', data, [...shape]);
  }
  const start = performance.now();
  const results = await session.run(feeds).catch((cause: unknown) => {
    throw failure('a run of the network', cause, device);
  });
  onRun?.(performance.now() - start);
  return Object.fromEntries(
    Object.entries(results).map(([name, { data, dims }]) => {
      if (data instanceof Float32Array) return [name, { shape: dims, data }];
      throw failure('float32 outputs', `${name} is of another type`, device);
    }),
  );
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  return { name: metadata.name, shape: metadata.isTensor ? metadata.shape : [] };
}

function failure(expected: string, cause: unknown, device: WebDevice): LowformerError {
  const hint =
    device === 'webgpu' ? 'Choose the processor instead.' : 'Close other pages, or choose a smaller network.';
  const received = cause instanceof Error ? cause.message : String(cause);
  return new LowformerError({ code: 'engine-failure', where: 'onnxruntime-web', expected, received, hint, cause });
}
