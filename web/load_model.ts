import { untilAborted } from '../core/abort.js';
import { LowformerError } from '../core/errors.js';
import type { Classification, Detections, Result, SegmentationMap } from '../core/results.js';
import { findDevices } from '../engines/onnxruntime_web/devices.js';
import type { WebDevice } from '../engines/onnxruntime_web/web_device.js';
import type { RunBatch } from '../models/predict_many.js';
import { checkOptions } from '../models/predict_options.js';
import { type RunningModel, runningModel } from '../models/running_model.js';
import type { LowformerConfig } from '../tasks/config.js';
import { type ImageSource, webPictures } from './image_source.js';
import type { NetworkHost } from './network_host.js';
import type { CheckpointSource, NetworkRequest } from './network_request.js';
import { type LoadOptions, loadSchema } from './options.js';
import { startHost } from './start_host.js';

/** A network with its weights, ready for pictures. Dispose of it to end its worker and free the memory. */
export interface LoadedModel<R extends Result = Result> extends RunningModel<R, ImageSource> {}

/**
 * Builds the network of a config in a worker, loads its weights and has ONNX Runtime's WebAssembly or WebGPU build run
 * it. `loadDetector`, `loadSegmentor` and `loadClassifier` do the same and type the results.
 * @param config the address of a JSON file or a quantized model, the name of a shipped config, or a config as an object.
 * @throws {LowformerError} for a config, checkpoint or device that is not right: each says what to do.
 */
export function loadModel(config: string | URL | LowformerConfig, options: LoadOptions = {}): Promise<LoadedModel> {
  return load(config, options, undefined);
}

/** A model for detection. @throws {LowformerError} also when the config is for another task. */
export function loadDetector(
  config: string | URL | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<Detections>> {
  return load<Detections>(config, options, 'detection');
}

/** A model for semantic segmentation. @throws {LowformerError} also when the config is for another task. */
export function loadSegmentor(
  config: string | URL | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<SegmentationMap>> {
  return load<SegmentationMap>(config, options, 'segmentation');
}

/** A model for classification. @throws {LowformerError} also when the config is for another task. */
export function loadClassifier(
  config: string | URL | LowformerConfig,
  options: LoadOptions = {},
): Promise<LoadedModel<Classification>> {
  return load<Classification>(config, options, 'classification');
}

async function load<R extends Result>(
  config: string | URL | LowformerConfig,
  options: LoadOptions,
  task: R['kind'] | undefined,
): Promise<LoadedModel<R>> {
  checkOptions(loadSchema, options);
  const { worker = true, signal, onMessage: say = () => {}, onDownload = () => {} } = options;
  signal?.throwIfAborted();
  const device: WebDevice = options.device === 'webgpu' ? 'webgpu' : 'wasm';
  const threads = await readyThreads(device, options.threads);
  const host = await startHost(worker, say);
  try {
    const request: NetworkRequest = {
      ...configParts(config, options.files ?? {}),
      cfgOptions: options.cfgOptions ?? [],
      checkpoint: options.checkpoint === undefined ? undefined : checkpointSource(options.checkpoint),
      checkpointKey: options.checkpointKey,
      allowMismatch: options.allowMismatch ?? [],
      task,
      device,
      threads,
      precision: options.precision ?? 'float32',
      runtimeFiles: options.runtimeFiles,
      base: location.href,
    };
    const { facts, lines } = await untilAborted(host.load(request, onDownload), signal);
    lines.forEach(say);
    return runningModel<R, ImageSource>({
      facts,
      run: runOf<R>(host, facts.task),
      pictures: webPictures,
      dispose: host.dispose,
    });
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

/** Runs in turn; one that is aborted while it waits is never begun, and one that runs is not waited for. */
function runOf<R extends Result>(host: NetworkHost, task: Result['kind']): RunBatch<R> {
  const isResult = (result: Result): result is R => result.kind === task;
  let queue: Promise<unknown> = Promise.resolve();
  return async (images, { signal, onTiming = () => {} } = {}, names = []) => {
    const turn = queue.then(() => {
      signal?.throwIfAborted();
      return host.run(images, names, onTiming);
    });
    queue = turn.catch(() => {});
    return (await untilAborted(turn, signal)).filter(isResult);
  };
}

/** @throws {LowformerError} `unavailable-device` where WebGPU is wanted and not there. */
async function readyThreads(device: WebDevice, wanted: number | undefined): Promise<number> {
  const { webgpu, wasm } = await findDevices();
  if (device === 'webgpu' && !webgpu.available) {
    const hint = `${webgpu.reason} The device cpu is there everywhere.`;
    throw new LowformerError({ code: 'unavailable-device', where: 'device', expected: 'WebGPU', hint });
  }
  // Without shared memory the runtime would fail to start more.
  return wasm.threads === 1 ? 1 : (wanted ?? wasm.threads);
}

const INLINE = '(config object)';

/** An address is made absolute: a worker's own would be another base. */
function configParts(
  config: string | URL | LowformerConfig,
  files: Readonly<Record<string, unknown>>,
): Pick<NetworkRequest, 'config' | 'files'> {
  if (config instanceof URL) return { config: config.href, files };
  if (typeof config === 'object' && config !== null) return { config: INLINE, files: { ...files, [INLINE]: config } };
  if (typeof config !== 'string') {
    const expected = 'the address of a config, the name of a shipped one, or a config as an object';
    throw new LowformerError({
      code: 'invalid-argument',
      where: 'config',
      expected,
      received: config ?? String(config),
    });
  }
  const isAddress = !Object.hasOwn(files, config) && /[/:]|\.(?:json|onnx)$/.test(config);
  return { config: isAddress ? new URL(config, location.href).href : config, files };
}

function checkpointSource(given: NonNullable<LoadOptions['checkpoint']>): CheckpointSource {
  if (typeof given === 'string' || given instanceof URL) {
    return { kind: 'address', address: new URL(given, location.href).href };
  }
  if (given instanceof Blob) {
    const name = 'name' in given && typeof given.name === 'string' ? given.name : 'checkpoint';
    return { kind: 'blob', name, blob: given };
  }
  return { kind: 'bytes', name: 'checkpoint', bytes: given instanceof Uint8Array ? given : new Uint8Array(given) };
}
