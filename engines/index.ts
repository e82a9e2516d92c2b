import type { Network } from '../graph/graph.js';
import { AUTO, type ChosenEngine } from './auto/choice.js';
import type { AutoEngineOptions } from './auto/create_auto.js';
import { createEngineOf } from './create_engine.js';
import type { EngineDescription } from './define_engine.js';
import type { Engine, EngineModel, EngineOptions } from './engine.js';
import { ENGINES, type EngineName } from './engines.js';

/**
 * Makes a network ready on whichever engine runs it fastest here, found by running it: `chooseEngine` says how.
 * @throws {LowformerError} as `chooseEngine`; `invalid-argument` without `options.auto`, and for an ONNX file.
 */
export function createEngine(name: typeof AUTO, model: Network, options: AutoEngineOptions): Promise<ChosenEngine>;
/**
 * Makes a network ready to run. Its parameters are read while that goes on, and again when the engine's thread has died
 * and is started anew: keep them readable until the engine is disposed of.
 * @throws {LowformerError} `invalid-argument` when there is no engine or no option of that name, or when it reads no ONNX file; what
 *   the engine's own function throws.
 */
export function createEngine(name: EngineName, model: EngineModel, options: EngineOptions): Promise<Engine>;
export async function createEngine(name: string, model: EngineModel, options: EngineOptions): Promise<Engine> {
  if (name !== AUTO) return createEngineOf(ENGINES, name, model, options);
  const { createAutoEngine } = await import('./auto/create_auto.js');
  return createAutoEngine(ENGINES, model, options);
}

/** The devices of the engine tfjs, each tried. */
export async function inspectTfjs(): Promise<EngineDescription> {
  return (await import('./tfjs/describe.js')).inspectTfjs();
}

export { AUTO, type ChosenEngine, type EngineChoice, type EngineTimes, type PassedOver } from './auto/choice.js';
export type { AutoEngineOptions } from './auto/create_auto.js';
export {
  type AutoPart,
  type DeviceState,
  defineEngine,
  type EngineDefinition,
  type EngineDescription,
  type Installed,
} from './define_engine.js';
export type { Engine, EngineModel, EngineOptions, RunOptions } from './engine.js';
export type { EngineTable } from './engine_table.js';
export { DEFAULT_ENGINE, ENGINES, type EngineName, type RegisteredEngines } from './engines.js';
export type { KeptNetwork } from './kept_network.js';
export { type OnnxModel, onnxModel } from './onnx_model.js';
export { type Devices, inspectDevices } from './onnxruntime/devices.js';
export { type ThreadLimit, threadLimit } from './thread/threads.js';
