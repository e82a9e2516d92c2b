/** What an engine is: a name, what it offers, and how it is loaded when it is asked for. */
import type { Network } from '../graph/graph.js';
import type { Precision } from '../graph/onnx/precision.js';
import type { Engine, EngineOptions } from './engine.js';
import type { OnnxModel } from './onnx_model.js';

/** A device, tried on this machine. */
export interface DeviceState {
  readonly name: string;
  readonly available: boolean;
  /** What serves it, where an engine has several ways: `tfjs-node`, `wasm`. */
  readonly backend?: string;
  /** Why it cannot be used, in the runtime's words where it knows the device. */
  readonly reason?: string;
  /** What would make it available. */
  readonly needs?: string;
}

/** What an engine has here. */
export interface EngineDescription {
  /** Of its runtime; empty where that is not installed. */
  readonly version: string;
  readonly devices: readonly DeviceState[];
}

/** Whether an engine's runtime is there: its version, another one for another runtime, or why it is not. */
export type Installed = { readonly version: string } | { readonly reason: string };

/** How an engine takes part in what `auto` measures. */
export interface AutoPart {
  /** Measured against the others, or taken where no other is there. Either has to agree with them to 1e-5 of the largest value. */
  readonly as: 'contestant' | 'last resort';
  /** Asked at every start, so without loading the runtime. */
  readonly installed: () => Promise<Installed>;
}

interface EngineFacts<Name extends string> {
  /** As `--engine` and `loadModel` take it. */
  readonly name: Name;
  /** For a person: `ONNX Runtime`. */
  readonly title: string;
  /** Every device that it may have on some machine, the default first. */
  readonly devices: readonly string[];
  /** What it takes beside a device and threads: the precisions to calculate in, and whether it knows `fastMath`. */
  readonly options: { readonly precisions: readonly Precision[]; readonly fastMath: boolean };
  /** Left out, the engine runs where it is named alone. */
  readonly auto?: AutoPart;
  /** The npm package of its runtime, where that has a native library of its own. */
  readonly package?: string;
  /**
   * Tries every device.
   * @throws {LowformerError} `missing-package` where the runtime is not installed.
   */
  readonly inspect?: () => Promise<EngineDescription>;
}

/** Runs a network as it is, and no file. */
interface NetworkEngine {
  readonly runs: 'networks';
  readonly load: () => Promise<(network: Network, options: EngineOptions) => Promise<Engine>>;
}

/** Runs ONNX files; a network is written as one first, in the precision that is asked for. */
interface OnnxEngine {
  readonly runs: 'onnx';
  readonly load: () => Promise<(model: OnnxModel, options: EngineOptions) => Promise<Engine>>;
}

export type EngineDefinition<Name extends string = string> = EngineFacts<Name> & (NetworkEngine | OnnxEngine);

/**
 * An engine, for `ENGINES.register`. What `load` returns makes a network ready and may be called again, when the engine
 * throws `CallNotBegun`; queues are kept and options checked by the caller.
 */
export const defineEngine = <const Name extends string>(engine: EngineDefinition<Name>): EngineDefinition<Name> =>
  engine;
