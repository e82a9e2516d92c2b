/**
 * The packages of TensorFlow.js. This is the only place that names them: they are loaded when they are asked for, and all
 * but one by `require`, so that a backend and this engine meet in one copy of tfjs-core.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Installed } from '../define_engine.js';
import { findPackage, ownRequire } from '../optional_packages.js';
import { reasonOf } from '../reason.js';
import { WorkerFailure } from '../thread/channel.js';
import type { TensorFlow } from './kernel.js';

const CORE = '@tensorflow/tfjs-core';
const WASM = '@tensorflow/tfjs-backend-wasm';
const NATIVE = '@tensorflow/tfjs-node';
const WEBGPU = '@tensorflow/tfjs-backend-webgpu';
const DAWN = 'webgpu';
/** Of every package of TensorFlow.js; Dawn counts by itself. */
export const VERSION = '4.22.0';

export function hasNativeLibrary(): boolean {
  return findPackage(NATIVE) !== undefined;
}

/** The packages of any device, which opening it tells apart. */
export function tfjsInstalled(): Installed {
  const found = [NATIVE, WASM, WEBGPU].filter((name) => findPackage(name) !== undefined);
  return found.length === 0 ? { reason: 'not installed' } : { version: [VERSION, ...found].join(' ') };
}

/** TensorFlow.js with libtensorflow as its backend. @throws {WorkerFailure} `missing-package`. */
export function loadNative(): TensorFlow {
  // Node 23 has removed what the package asks for.
  const util: unknown = ownRequire()('node:util');
  if (isObject(util) && !('isNullOrUndefined' in util)) {
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  }
  return load(NATIVE, ownRequire(), isTensorFlow, `npm rebuild ${NATIVE} --build-addon-from-source`);
}

/** TensorFlow.js and its WebAssembly backend, not started yet. @throws {WorkerFailure} `missing-package`. */
export function loadWasm(): TensorFlow {
  const install = `npm install ${CORE}@${VERSION} ${WASM}@${VERSION}`;
  const wasm = findPackage(WASM);
  if (wasm === undefined) throw missing(`the packages ${CORE} and ${WASM} in version ${VERSION}`, install);
  const tf = load(CORE, createRequire(wasm), isTensorFlow, install);
  load(WASM, ownRequire(), isWasmPackage, install).setWasmPaths(`${dirname(wasm)}/`);
  return tf;
}

/** WebGPU as browsers have it, from Dawn. */
export interface Dawn {
  /** The constructors and constants that a page has as globals. */
  readonly globals: object;
  /** The page's `navigator.gpu`. */
  create(options: readonly string[]): { requestAdapter(): Promise<object | null> };
}

/** @throws {WorkerFailure} `missing-package`. */
export async function importDawn(): Promise<Dawn> {
  const install = `npm install ${WEBGPU}@${VERSION} ${DAWN}`;
  const dawn = findPackage(DAWN);
  if (dawn === undefined || findPackage(WEBGPU) === undefined)
    throw missing(`the packages ${WEBGPU} and ${DAWN}`, install);
  const loaded: unknown = await import(pathToFileURL(dawn).href).catch((error: unknown) => {
    throw missing(`the package ${DAWN} with a binary for ${process.platform} ${process.arch}`, install, error);
  });
  if (isDawn(loaded)) return loaded;
  throw missing(`the package ${DAWN}`, install);
}

/** TensorFlow.js and its WebGPU backend, which looks for `navigator.gpu` while it is loaded. */
export function loadWebgpu(): TensorFlow {
  const found = findPackage(WEBGPU);
  const beside = found === undefined ? ownRequire() : createRequire(found);
  const tf = load(CORE, beside, isTensorFlow);
  load(WEBGPU, beside, isObject);
  return tf;
}

/** @param from whose copy of the package it is, where there is no other. */
function load<T>(
  name: string,
  from: NodeJS.Require,
  is: (loaded: unknown) => loaded is T,
  install = `npm install ${name}@${VERSION}`,
): T {
  const expected = `the package ${name} in version ${VERSION}`;
  let loaded: unknown;
  try {
    loaded = from(from === ownRequire() ? (findPackage(name) ?? name) : name);
  } catch (error) {
    throw missing(expected, install, error);
  }
  if (is(loaded)) return loaded;
  throw missing(expected, install);
}

function missing(expected: string, command: string, cause?: unknown): WorkerFailure {
  const reason = cause === undefined ? '' : ` (${reasonOf(cause)})`;
  const hint = `Install it with: ${command}${reason}`;
  return new WorkerFailure({ code: 'missing-package', where: 'tfjs', expected, hint });
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

function isDawn(loaded: unknown): loaded is Dawn {
  return isObject(loaded) && 'create' in loaded && typeof loaded.create === 'function' && 'globals' in loaded;
}
