/** What answers for OpenVINO: it holds one network. */
import type { Tensors } from '../../core/tensor.js';
import type { Port } from '../network_inputs.js';
import { type Answering, buffersOf } from '../thread/answers.js';
import { WorkerFailure } from '../thread/channel.js';
import { type CInterface, type Extents, type Handle, type ModelPort, openCInterface } from './c_interface.js';
import { failure } from './failure.js';
import { hasBfloat16 } from './processor.js';
import type { OpenvinoAnswer, OpenvinoRequest, OpenvinoSettings } from './protocol.js';

/** The library and its root object. */
interface Opened {
  readonly api: CInterface;
  readonly core: Handle;
}

interface Loaded {
  readonly compiled: Handle;
  readonly request: Handle;
  readonly outputs: readonly ModelPort[];
}

/** One network of its own, for a thread or for the calling thread. */
export function openvinoSession(): Answering<OpenvinoRequest, OpenvinoAnswer> {
  let opened: Opened | undefined;
  let loaded: Loaded | undefined;
  return {
    where: 'openvino',
    async answer(request) {
      switch (request.kind) {
        case 'open': {
          const api = openCInterface(request.library);
          opened = { api, core: api.core() };
          return { kind: 'opened', version: api.buildNumber(), bfloat16: hasBfloat16(api.capabilities(opened.core)) };
        }
        case 'load': {
          const { inputs, ...network } = await load(expectOpened(opened), request);
          loaded = network;
          return { kind: 'loaded', inputs };
        }
        case 'run': {
          const start = performance.now();
          const outputs = await run(expectOpened(opened).api, loaded, request.inputs);
          return { kind: 'outputs', outputs, milliseconds: performance.now() - start };
        }
        case 'release':
          loaded?.request[Symbol.dispose]();
          loaded?.compiled[Symbol.dispose]();
          opened?.core[Symbol.dispose]();
          return { kind: 'released' };
      }
    },
    transfer: (given) => (given.kind === 'outputs' ? buffersOf(given.outputs) : []),
    failure: (error) => failure('to work', error).parts,
  };
}

function expectOpened(opened: Opened | undefined): Opened {
  if (opened !== undefined) return opened;
  throw new WorkerFailure({ code: 'engine-failure', where: 'openvino', expected: 'a library that was opened' });
}

async function load({ api, core }: Opened, { source, settings }: Extract<OpenvinoRequest, { kind: 'load' }>) {
  try {
    using model = typeof source === 'string' ? await api.readFile(core, source) : await api.readBytes(core, source);
    const [inputs, outputs] = [api.ports(model, 'input'), api.ports(model, 'output')];
    for (const { name, type } of [...inputs, ...outputs]) {
      if (type === 'float32') continue;
      throw new WorkerFailure({ code: 'engine-failure', where: name, expected: 'a float32 tensor', received: type });
    }
    const compiled = await api.compile(core, model, propertiesOf(settings));
    try {
      return {
        compiled,
        request: api.request(compiled),
        inputs: inputs.map(port),
        outputs,
      };
    } catch (error) {
      compiled[Symbol.dispose]();
      throw error;
    }
  } catch (error) {
    throw failure('a model that OpenVINO can load', error);
  }
}

/** Every setting that decides about speed or numbers, so that neither depends on a default. */
function propertiesOf({ threads, precision }: OpenvinoSettings): Readonly<Record<string, string>> {
  return {
    INFERENCE_NUM_THREADS: String(threads),
    INFERENCE_PRECISION_HINT: precision === 'bfloat16' ? 'bf16' : 'f32',
    PERFORMANCE_HINT: 'LATENCY',
    // Threads that are bound to cores would be so to the same ones in every network of the process, and of others.
    ENABLE_CPU_PINNING: 'NO',
  };
}

async function run(api: CInterface, loaded: Loaded | undefined, inputs: Tensors): Promise<Tensors> {
  if (loaded === undefined) return {};
  const { request, outputs } = loaded;
  try {
    for (const [name, { shape, data }] of Object.entries(inputs)) api.writeTensor(request, name, shape, data);
    await api.infer(request);
    return Object.fromEntries(outputs.map((output) => [output.name, api.readTensor(request, output)]));
  } catch (error) {
    const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
    throw failure(`a network that runs on ${shapes.join(', ')}`, error);
  }
}

function port({ name, extents }: ModelPort): Port {
  return { name, shape: extents.map((extent, i) => extent ?? freeName(i, extents)) };
}

/** As the graphs of this project call the axes of a batch; files of others may call theirs as they like. */
function freeName(axis: number, { length }: Extents): string {
  const names = length === 4 ? ['batch', 'channels', 'height', 'width'] : ['batch', 'channels'];
  return names[axis] ?? `axis ${axis}`;
}
