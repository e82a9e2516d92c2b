import { LowformerError, nearestName } from '../core/errors.js';
import type { Network } from '../graph/graph.js';
import { writeOnnx } from '../graph/onnx/write.js';
import type { CreateEngine, Engine, EngineModel, EngineOptions } from './engine.js';
import type { OnnxModel } from './onnx_model.js';
import { checkOptionNames } from './option_names.js';
import { boundedCalls, checkWaitingCalls } from './thread/bounded_calls.js';
import { restarting } from './thread/restarting.js';
import { CallNotBegun } from './thread/worker_calls.js';

/** Every engine that `--engine` may name, loaded when it is asked for. */
export const ENGINES = {
  onnxruntime: async () => {
    const { createOnnxruntimeEngine } = await import('./onnxruntime/engine.js');
    return (model, options) => createOnnxruntimeEngine(onnxOf(model, options), options);
  },
  tfjs: async () => {
    const { createTfjsEngine } = await import('./tfjs/engine.js');
    return (model, options) => createTfjsEngine(networkIn(model), inFloat32('tfjs', options));
  },
} as const satisfies Readonly<Record<string, () => Promise<CreateEngine>>>;

export type EngineName = keyof typeof ENGINES;

/**
 * Makes a network ready to run. Its parameters are read while that goes on, and again when the engine's thread has died
 * and is started anew: keep them readable until the engine is disposed of.
 * @throws {LowformerError} `invalid-argument` when there is no engine or no option of that name, or when it reads no ONNX file; what
 *   the engine's own function throws.
 */
export async function createEngine(name: string, model: EngineModel, options: EngineOptions): Promise<Engine> {
  if (!isEngineName(name)) {
    const names = Object.keys(ENGINES);
    const near = nearestName(name, names);
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'engine',
      expected: `one of ${names.join(', ')}`,
      received: name,
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  checkOptionNames(options);
  checkWaitingCalls(options.maxWaitingCalls);
  const create = await ENGINES[name]();
  const start = (signal: AbortSignal | undefined) => created(create(model, { ...options, ...(signal && { signal }) }));
  const first = await start(options.signal);
  return boundedCalls(restarting(first, { start, onRestart: options.onRestart }), options.maxWaitingCalls);
}

/** A thread that died while it was loading: there is nobody yet to start another. */
function created(engine: Promise<Engine>): Promise<Engine> {
  return engine.catch((error: unknown) => {
    throw error instanceof CallNotBegun ? error.reason : error;
  });
}

function onnxOf(model: EngineModel, { precision = 'float32' }: EngineOptions): OnnxModel {
  if ('graph' in model) return writeOnnx(model, { precision });
  if (precision === 'float32') return model;
  const expected = 'a network, or no precision: an ONNX file has its own';
  throw new LowformerError({ code: 'invalid-argument', where: 'precision', expected, received: precision });
}

/** @throws {LowformerError} `invalid-argument` for what only ONNX Runtime offers. */
function inFloat32(engine: string, options: EngineOptions): EngineOptions {
  const { precision = 'float32', fastMath = false } = options;
  if (precision === 'float32' && !fastMath) return options;
  throw new LowformerError({
    code: 'invalid-argument',
    where: fastMath ? 'fastMath' : 'precision',
    expected: `nothing but float32 of the engine ${engine}`,
    received: fastMath ? fastMath : precision,
    hint: 'The engine onnxruntime offers it.',
  });
}

function networkIn(model: EngineModel): Network {
  if ('graph' in model) return model;
  throw new LowformerError({
    code: 'invalid-argument',
    where: 'engine',
    expected: 'a network, which tfjs runs, and no ONNX file',
    hint: 'The engine onnxruntime runs ONNX files.',
  });
}

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name);
}

export type { Engine, EngineModel, EngineOptions, RunOptions } from './engine.js';
export { type OnnxModel, onnxModel } from './onnx_model.js';
export { type Devices, inspectDevices } from './onnxruntime/devices.js';
export { inspectTfjs, type TfjsDescription, type TfjsDeviceState } from './tfjs/describe.js';
export { type ThreadLimit, threadLimit } from './thread/threads.js';
