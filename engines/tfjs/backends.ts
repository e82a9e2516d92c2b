/**
 * Where TensorFlow.js runs. This is the only place that names its packages: they are loaded when they are asked for, and
 * all by `require`, so that the backend and this engine meet in one copy of tfjs-core.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearestName } from '../../core/errors.js';
import { reasonOf } from '../onnxruntime_package.js';
import { WorkerFailure } from '../worker_calls.js';
import type { TensorFlow } from './kernel.js';
import { collectingPrints, refuseFailedAllocations, takeFailures } from './wasm_memory.js';

const CORE = '@tensorflow/tfjs-core';
const WASM = '@tensorflow/tfjs-backend-wasm';
const NODE = '@tensorflow/tfjs-node';
const WEBGPU = '@tensorflow/tfjs-backend-webgpu';
const DAWN = 'webgpu';
const VERSION = '4.22.0';

/** A folder whose node_modules hold the optional packages, where they do not lie beside this one. */
const FOLDER = process.env.LOWFORMER_PACKAGES;

export const TFJS_DEVICES = ['cpu', 'webgpu'] as const;
export type TfjsDevice = (typeof TFJS_DEVICES)[number];

export interface OpenedBackend {
  readonly tf: TensorFlow;
  /** `tfjs-node`, `wasm`, `webgpu`. */
  readonly name: string;
  readonly version: string;
  /** What has failed since the last time without being thrown. */
  readonly takeFailures: () => readonly string[];
}

/**
 * TensorFlow.js with the backend of a device: for the processor its native library where that is installed, else
 * WebAssembly.
 * @throws {WorkerFailure} `unavailable-device`, `missing-package`.
 */
export async function openBackend(device: string): Promise<OpenedBackend> {
  switch (device) {
    case 'cpu':
      return find(NODE) === undefined ? openWasm() : openNode();
    case 'webgpu':
      return openWebgpu();
    default: {
      const near = nearestName(device, TFJS_DEVICES);
      throw new WorkerFailure({
        code: 'unavailable-device',
        where: 'device',
        expected: `a device of the engine tfjs: ${TFJS_DEVICES.join(', ')}`,
        received: device,
        hint: near === undefined ? 'The engine onnxruntime has others' : `Did you mean ${near}?`,
      });
    }
  }
}

/** libtensorflow, with as many threads as TF_NUM_INTRAOP_THREADS says. */
async function openNode(): Promise<OpenedBackend> {
  // Node 23 has removed it, and the package asks for it.
  const util: { isNullOrUndefined?: (value: unknown) => boolean } = load('node:util', isObject);
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  try {
    const tf = quiet(load(NODE, isTensorFlow));
    await tf.ready();
    return { tf, name: 'tfjs-node', version: VERSION, takeFailures: () => [] };
  } catch (error) {
    throw missing(`${NODE} with its native library`, `npm rebuild ${NODE} --build-addon-from-source`, error);
  }
}

/** SIMD where the processor has it. One thread: the package starts its threads from a URL that Node refuses. */
async function openWasm(): Promise<OpenedBackend> {
  const tf = quiet(load(CORE, isTensorFlow));
  const wasm = load(WASM, isWasmPackage);
  wasm.setWasmPaths(`${dirname(requirePath(WASM))}/`);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const printed = await collectingPrints(() => start(tf, 'wasm'));
  refuseFailedAllocations(tf.backend());
  return { tf, name: 'wasm', version: VERSION, takeFailures: () => takeFailures(printed) };
}

/** Dawn, the browser's WebGPU as a package, under the backend that TensorFlow.js has for browsers. */
async function openWebgpu(): Promise<OpenedBackend> {
  const dawn = find(DAWN);
  const backend = find(WEBGPU);
  const install = `npm install ${WEBGPU}@${VERSION} ${DAWN}`;
  if (dawn === undefined || backend === undefined) throw missing(`the packages ${WEBGPU} and ${DAWN}`, install);
  const loaded: unknown = await import(pathToFileURL(dawn).href).catch((error: unknown) => {
    throw missing(`the package ${DAWN} with a binary for ${process.platform} ${process.arch}`, install, error);
  });
  if (!isDawn(loaded)) throw missing(`the package ${DAWN}`, install);
  Object.assign(globalThis, loaded.globals);
  // Node 21 has a navigator of its own, without a graphics processor.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: loaded.create([]) }, configurable: true });
  const beside = createRequire(backend);
  const tf = quiet(checked(CORE, beside(CORE), isTensorFlow));
  checked(WEBGPU, beside(backend), isObject);
  await start(tf, 'webgpu');
  return { tf, name: 'webgpu', version: VERSION, takeFailures: () => [] };
}

/** @throws {WorkerFailure} `unavailable-device` with the backend's reason. */
async function start(tf: TensorFlow, backend: string): Promise<void> {
  const failed = (error: unknown) =>
    new WorkerFailure({
      code: 'unavailable-device',
      where: 'device',
      expected: `a machine on which TensorFlow.js can start its backend ${backend}`,
      hint: error === undefined ? 'It gave no reason' : `TensorFlow.js: ${reasonOf(error)}`,
    });
  const started = await tf.setBackend(backend).catch((error: unknown) => {
    throw failed(error);
  });
  if (!started) throw failed(undefined);
  await tf.ready();
}

/** TensorFlow.js says on the console what it also throws, or what a user of this toolkit cannot change. */
function quiet(tf: TensorFlow): TensorFlow {
  tf.enableProdMode();
  return tf;
}

const own = createRequire(import.meta.url);

/** The file that a package is loaded from; undefined where it is not installed. */
function find(name: string): string | undefined {
  const places = FOLDER === undefined ? [own] : [createRequire(join(FOLDER, 'package.json')), own];
  for (const { resolve } of places) {
    try {
      return resolve(name);
    } catch {
      // The next place.
    }
  }
  return undefined;
}

function requirePath(name: string): string {
  const path = find(name);
  if (path === undefined) throw missing(`the package ${name}`, `npm install ${name}@${VERSION}`);
  return path;
}

function load<T>(name: string, is: (loaded: unknown) => loaded is T): T {
  const path = name.startsWith('node:') ? name : requirePath(name);
  const loaded: unknown = own(path);
  return checked(name, loaded, is);
}

function checked<T>(name: string, loaded: unknown, is: (loaded: unknown) => loaded is T): T {
  if (is(loaded)) return loaded;
  throw missing(`the package ${name} in version ${VERSION}`, `npm install ${name}@${VERSION}`);
}

function missing(expected: string, command: string, cause?: unknown): WorkerFailure {
  const reason = cause === undefined ? '' : ` (${reasonOf(cause)})`;
  return new WorkerFailure({
    code: 'missing-package',
    where: 'tfjs',
    expected,
    hint: `Install it with: ${command}${reason}`,
  });
}

function isObject(loaded: unknown): loaded is object {
  return typeof loaded === 'object' && loaded !== null;
}

function isTensorFlow(loaded: unknown): loaded is TensorFlow {
  return isObject(loaded) && 'tidy' in loaded && 'enableProdMode' in loaded && 'fused' in loaded;
}

function isWasmPackage(loaded: unknown): loaded is { setWasmPaths(folder: string): void } {
  return isObject(loaded) && 'setWasmPaths' in loaded && typeof loaded.setWasmPaths === 'function';
}

interface Dawn {
  readonly globals: object;
  create(options: readonly string[]): unknown;
}

function isDawn(loaded: unknown): loaded is Dawn {
  return isObject(loaded) && 'create' in loaded && typeof loaded.create === 'function' && 'globals' in loaded;
}
