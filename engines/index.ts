import { LowformerError, nearestName } from '../core/errors.js';
import type { CreateEngine, Engine, EngineOptions } from './engine.js';
import type { OnnxModel } from './onnx_model.js';

/** Every engine that `--engine` may name, loaded when it is asked for. */
export const ENGINES = {
  onnxruntime: async () => (await import('./onnxruntime.js')).createOnnxruntimeEngine,
} as const satisfies Readonly<Record<string, () => Promise<CreateEngine>>>;

export type EngineName = keyof typeof ENGINES;

/**
 * Makes a model ready to run.
 * @throws {LowformerError} `invalid-argument` when there is no engine of that name; what the engine's own function throws.
 */
export async function createEngine(name: string, model: OnnxModel, options: EngineOptions): Promise<Engine> {
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
  const create = await ENGINES[name]();
  return create(model, options);
}

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name);
}

export { type Devices, inspectDevices } from './devices.js';
export type { Engine, EngineOptions, RunOptions } from './engine.js';
export { type OnnxModel, onnxModel } from './onnx_model.js';
export { type ThreadLimit, threadLimit } from './threads.js';
