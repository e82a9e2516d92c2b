/** What answers for TensorFlow.js: it holds one network. */
import type { Tensors } from '../../core/tensor.js';
import type { Graph } from '../../graph/graph.js';
import { type Answering, buffersOf } from '../thread/answers.js';
import { WorkerFailure } from '../thread/channel.js';
import { type OpenedBackend, openBackend } from './backends.js';
import { failure } from './failure.js';
import { createInterpreter, type Interpreter } from './interpreter.js';
import { kernelsFor } from './kernels/index.js';
import type { TfjsAnswer, TfjsRequest } from './protocol.js';

/** One network of its own, for a thread or for the calling thread. */
export function tfjsSession(): Answering<TfjsRequest, TfjsAnswer> {
  let place = { device: 'cpu', backend: 'no backend' };
  let backend: OpenedBackend | undefined;
  let network: { readonly graph: Graph; readonly interpreter: Interpreter } | undefined;
  return {
    where: 'tfjs',
    async answer(request) {
      switch (request.kind) {
        case 'open': {
          backend = await openBackend(request.device);
          place = { device: request.device, backend: backend.name };
          return { kind: 'opened', backend: backend.name, version: backend.version };
        }
        case 'graph': {
          const opened = expected(backend, 'a device');
          const interpreter = createInterpreter(opened, request.graph, await kernelsFor(request.graph));
          network = { graph: request.graph, interpreter };
          return { kind: 'received' };
        }
        case 'node': {
          const { graph, interpreter } = expected(network, 'a network');
          interpreter.load(expected(graph.nodes[request.index], 'a node'), request.values);
          return { kind: 'received' };
        }
        case 'run': {
          const { interpreter } = expected(network, 'a network');
          const start = performance.now();
          const outputs = await interpreter.run(request.inputs).catch((error: unknown) => {
            throw new WorkerFailure(failure(`a network that runs on ${describe(request.inputs)}`, error, place));
          });
          return { kind: 'outputs', outputs, milliseconds: performance.now() - start };
        }
        case 'release':
          network?.interpreter[Symbol.dispose]();
          return { kind: 'released' };
      }
    },
    transfer: (given) => (given.kind === 'outputs' ? buffersOf(given.outputs) : []),
    failure: (error) => failure('to work', error, place),
  };
}

function expected<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new WorkerFailure({ code: 'engine-failure', where: 'tfjs', expected: `${what} before this request` });
}

function describe(inputs: Tensors): string {
  return Object.entries(inputs)
    .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
    .join(', ');
}
