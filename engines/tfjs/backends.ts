/** Where TensorFlow.js runs: which backend serves which device. */
import { nearestName } from '../../core/errors.js';
import { reasonOf } from '../reason.js';
import { WorkerFailure } from '../thread/channel.js';
import { TFJS_DEVICES } from './definition.js';
import type { TensorFlow } from './kernel.js';
import { hasNativeLibrary, importDawn, loadNative, loadWasm, loadWebgpu, VERSION } from './packages.js';
import { collectingPrints, refuseFailedAllocations, takeFailures } from './wasm_memory.js';

export interface OpenedBackend {
  readonly tf: TensorFlow;
  /** `tfjs-node`, `wasm`, `webgpu`. */
  readonly name: string;
  /** Of TensorFlow.js. */
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
      return hasNativeLibrary() ? openNative() : openWasm();
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
async function openNative(): Promise<OpenedBackend> {
  const tf = quiet(loadNative());
  await tf.ready();
  return opened(tf, 'tfjs-node');
}

/** SIMD where the processor has it. One thread: the package starts its threads from a URL that Node refuses. */
async function openWasm(): Promise<OpenedBackend> {
  const tf = quiet(loadWasm());
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const printed = await collectingPrints(() => start(tf, 'wasm'));
  refuseFailedAllocations(tf.backend());
  return { ...opened(tf, 'wasm'), takeFailures: () => takeFailures(printed) };
}

/** Dawn, the browser's WebGPU as a package, under the backend that TensorFlow.js has for browsers. */
async function openWebgpu(): Promise<OpenedBackend> {
  const dawn = await importDawn();
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  if ((await gpu.requestAdapter()) === null) {
    throw new WorkerFailure({
      code: 'unavailable-device',
      where: 'device',
      expected: 'a graphics processor with a driver for Vulkan, Metal or Direct3D 12',
      hint: 'Install its driver, or use the device cpu',
    });
  }
  // Node 21 has a navigator of its own, without a graphics processor.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const tf = quiet(loadWebgpu());
  await start(tf, 'webgpu');
  return opened(tf, 'webgpu');
}

function opened(tf: TensorFlow, name: string): OpenedBackend {
  return { tf, name, version: VERSION, takeFailures: () => [] };
}

/** @throws {WorkerFailure} `unavailable-device` with the backend's reason. */
async function start(tf: TensorFlow, backend: string): Promise<void> {
  const failed = (reason: string) =>
    new WorkerFailure({
      code: 'unavailable-device',
      where: 'device',
      expected: `a machine on which TensorFlow.js can start its backend ${backend}`,
      hint: `TensorFlow.js: ${reason}`,
    });
  const started = await tf.setBackend(backend).catch((error: unknown) => {
    throw failed(reasonOf(error));
  });
  if (!started) throw failed('it gave no reason');
  await tf.ready();
}

/** TensorFlow.js says on the console what it also throws, or what a user of this toolkit cannot change. */
function quiet(tf: TensorFlow): TensorFlow {
  tf.enableProdMode();
  return tf;
}
