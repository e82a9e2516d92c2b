/** What answers for ONNX Runtime: it holds one session. */
import type { InferenceSession } from 'onnxruntime-node';
import { nearestName } from '../../core/errors.js';
import type { Tensor, Tensors } from '../../core/tensor.js';
import type { DeviceState } from '../define_engine.js';
import type { Port } from '../network_inputs.js';
import { reasonOf } from '../reason.js';
import { type Answering, buffersOf } from '../thread/answers.js';
import { WorkerFailure } from '../thread/channel.js';
import { hasLibraries, libraryPlaces, missingLibraries } from './cuda_libraries.js';
import { DEVICE_NAMES, deviceNeeds, isDeviceName } from './device_guide.js';
import { failure } from './failure.js';
import { importOnnxruntime } from './package.js';
import type { OnnxruntimeAnswer, OnnxruntimeRequest } from './protocol.js';
import { sessionOptions } from './session_options.js';

type Runtime = Awaited<ReturnType<typeof importOnnxruntime>>;
type Metadata = InferenceSession['inputMetadata'][number];

/** One Relu over one value (ONNX, opset 17): a device that cannot run it cannot be used. */
const PROBE = 'CAg6MwoMCgF4EgF5IgRSZWx1EgFwWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQEQ==';

/** One session of its own, for a thread or for the calling thread. */
export function onnxruntimeSession(): Answering<OnnxruntimeRequest, OnnxruntimeAnswer> {
  let session: InferenceSession | undefined;
  let device = 'cpu';
  return {
    where: 'onnxruntime',
    async answer(request) {
      const runtime = await importOnnxruntime();
      switch (request.kind) {
        case 'describe':
          return {
            kind: 'described',
            version: runtime.env.versions.node ?? '',
            devices: runtime.listSupportedBackends().map(({ name }) => name),
          };
        case 'try':
          return { kind: 'tried', state: await stateOf(runtime, request.device) };
        case 'open':
          await open(runtime, request.device);
          return { kind: 'opened', version: runtime.env.versions.node ?? '' };
        case 'load':
          device = request.settings.device;
          session = await load(runtime, request);
          return { kind: 'loaded', inputs: session.inputMetadata.map(port) };
        case 'run': {
          const start = performance.now();
          const outputs = await run(runtime, session, request.inputs, device);
          return { kind: 'outputs', outputs, milliseconds: performance.now() - start };
        }
        case 'release':
          await session?.release();
          return { kind: 'released' };
      }
    },
    transfer: (given) => (given.kind === 'outputs' ? buffersOf(given.outputs) : []),
    failure: (error) => failure('to work', error, device).parts,
  };
}

async function stateOf(runtime: Runtime, name: string): Promise<DeviceState> {
  const reason = await obstacle(runtime, name);
  return reason === undefined ? { name, available: true } : { name, available: false, reason };
}

/** Why a device cannot be used; undefined where it can. */
async function obstacle(runtime: Runtime, device: string): Promise<string | undefined> {
  try {
    const probe = await runtime.InferenceSession.create(
      Buffer.from(PROBE, 'base64'),
      sessionOptions({ device, threads: 1, fastMath: false }),
    );
    await probe.release();
    return undefined;
  } catch (error) {
    return `${reasonOf(error)}${missing(device)}`;
  }
}

/** The runtime says that a library cannot be loaded, and not which. */
function missing(device: string): string {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !hasLibraries(device)) return '';
  const libraries = missingLibraries(device, libraryPlaces());
  return libraries === undefined ? '' : ` (${libraries})`;
}

/** @throws {WorkerFailure} `unavailable-device`, naming those that are there. */
async function open(runtime: Runtime, device: string): Promise<void> {
  const supported = runtime.listSupportedBackends();
  const known = supported.some(({ name }) => name === device);
  const reason = known ? await obstacle(runtime, device) : undefined;
  if (known && reason === undefined) return;
  const others: string[] = [];
  for (const { name, bundled } of supported) {
    if (name === device) continue;
    // Trying a graphics device may write warnings of its driver to stderr; its name with a condition is enough here.
    if (name === 'webgpu') others.push('webgpu (with a graphics driver)');
    else if (bundled || (await obstacle(runtime, name)) === undefined) others.push(name);
  }
  const near = nearestName(device, DEVICE_NAMES);
  const advice = near === undefined ? undefined : `Did you mean ${near}?`;
  const hint = isDeviceName(device) ? `It needs ${deviceNeeds(device, process)}${said(reason)}` : advice;
  throw new WorkerFailure({
    code: 'unavailable-device',
    where: 'device',
    expected: `a device of this machine: ${others.join(', ')}`,
    received: device,
    ...(hint === undefined ? {} : { hint }),
  });
}

function said(reason: string | undefined): string {
  return reason === undefined ? '' : ` (ONNX Runtime: ${reason})`;
}

async function load(
  runtime: Runtime,
  { source, settings, optimisation }: Extract<OnnxruntimeRequest, { kind: 'load' }>,
): Promise<InferenceSession> {
  const options = sessionOptions(settings, optimisation);
  const { InferenceSession } = runtime;
  const loading =
    typeof source === 'string' ? InferenceSession.create(source, options) : InferenceSession.create(source, options);
  const loaded = await loading.catch((error: unknown) => {
    throw failure('a model that ONNX Runtime can load', error, settings.device);
  });
  const foreign = [...loaded.inputMetadata, ...loaded.outputMetadata].find((value) => !isFloat32(value));
  if (foreign === undefined) return loaded;
  await loaded.release();
  const received = foreign.isTensor ? foreign.type : 'no tensor';
  throw new WorkerFailure({ code: 'engine-failure', where: foreign.name, expected: 'a float32 tensor', received });
}

async function run(
  runtime: Runtime,
  session: InferenceSession | undefined,
  inputs: Tensors,
  device: string,
): Promise<Tensors> {
  const feeds = mapValues(inputs, ({ shape, data }) => new runtime.Tensor('float32', data, shape));
  const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  const results = await session?.run(feeds).catch((error: unknown) => {
    throw failure(`a network that runs on ${shapes.join(', ')}`, error, device);
  });
  return mapValues(results ?? {}, ({ data, dims }): Tensor => {
    if (data instanceof Float32Array) return { shape: dims, data };
    throw new WorkerFailure({ code: 'engine-failure', where: 'onnxruntime', expected: 'float32 outputs' });
  });
}

function isFloat32(value: Metadata): boolean {
  return value.isTensor && value.type === 'float32';
}

function port(value: Metadata): Port {
  return { name: value.name, shape: value.isTensor ? value.shape : [] };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
