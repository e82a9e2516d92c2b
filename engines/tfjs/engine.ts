/** TensorFlow.js behind the `Engine` interface, in a thread of its own. */
import { elements, type Tensor, type Tensors } from '../../core/tensor.js';
import type { AnyNode, Graph, Network } from '../../graph/graph.js';
import { evaluateShapes } from '../../graph/shapes.js';
import type { Engine, EngineOptions } from '../engine.js';
import { checkInputs } from '../network_inputs.js';
import { answerOfKind, buffersOf } from '../thread/answers.js';
import { checkThreads, threadLimit } from '../thread/threads.js';
import type { PreparedRequest } from '../thread/worker_calls.js';
import { kernelKey } from './interpreter.js';
import type { TfjsRequest } from './protocol.js';
import { startTfjsThread, type TfjsCalls } from './thread.js';

/**
 * Loads a network into TensorFlow.js. Devices: `cpu`, by TensorFlow's native library where `@tensorflow/tfjs-node` is
 * installed, else by WebAssembly in one thread; `webgpu`, through the packages `@tensorflow/tfjs-backend-webgpu` and
 * `webgpu`.
 *
 * The native library takes its number of threads when a process loads it first; WebAssembly has one.
 *
 * @throws {LowformerError} `unavailable-device`, `missing-package`, `invalid-argument` (threads), `engine-failure`; the
 * signal's reason when aborted.
 */
export async function createTfjsEngine(network: Network, options: EngineOptions): Promise<Engine> {
  const { device, threads = threadLimit().threads, signal } = options;
  checkThreads(threads);
  signal?.throwIfAborted();

  const calls = startTfjsThread(threads);
  try {
    await answerOfKind(
      'tfjs',
      'opened',
      calls.call(() => ({ request: { kind: 'open', device } }), signal),
    );
    await load(calls, network, signal);
    return {
      device,
      async run(tensors, { signal: abort, onRun } = {}) {
        const running = calls.call(() => runRequest(tensors, network.graph), abort);
        const { outputs, milliseconds } = await answerOfKind('tfjs', 'outputs', running);
        onRun?.(milliseconds);
        return outputs;
      },
      [Symbol.asyncDispose]: () => calls.close({ kind: 'release' }),
    };
  } catch (error) {
    // Not awaited: the thread ends when the backend returns, and an aborted caller need not wait for that.
    void calls.close({ kind: 'release' });
    throw error;
  }
}

/** Parameters are read when their node's turn comes, into one array for all. */
async function load(calls: TfjsCalls, { graph, parameters }: Network, signal: AbortSignal | undefined): Promise<void> {
  const sent = async (prepare: () => PreparedRequest<TfjsRequest>) =>
    answerOfKind('tfjs', 'received', calls.call(prepare, signal));
  await sent(() => ({ request: { kind: 'graph', graph } }));
  const sizes = [...graph.parameters.values()].map(({ shape }) => elements(shape));
  const memory = new Float32Array(Math.max(0, ...sizes));
  const own = (name: string): Tensor => {
    const { shape, data } = parameters(name, memory);
    return { shape, data: data.slice() };
  };
  const valuesOf = ({ parameters: names }: AnyNode): Tensors =>
    Object.fromEntries(
      Object.entries(names)
        .filter(([, name]) => !graph.parameters.get(name)?.fed)
        .map(([role, name]) => [role, own(name)]),
    );
  const known = new Set<string>();
  for (const [index, node] of graph.nodes.entries()) {
    const key = kernelKey(node);
    if (known.has(key)) continue;
    known.add(key);
    await sent(() => {
      const values = valuesOf(node);
      return { request: { kind: 'node', index, values }, transfer: buffersOf(values) };
    });
  }
}

/** Copies the inputs: the caller's arrays stay the caller's. */
function runRequest(tensors: Tensors, graph: Graph): PreparedRequest<TfjsRequest> {
  const ports = graph.inputs.map(({ name, value, shape }) => {
    const free = value.kind === 'map' ? ['batch', value.channels, 'height', 'width'] : ['batch', value.channels];
    return { name, shape: shape ?? value.shape ?? free };
  });
  const fed = [...graph.parameters.values()].filter((parameter) => parameter.fed);
  checkInputs(tensors, [...ports, ...fed]);
  // A size that the network cannot take is told by its reason; the backend would name a kernel.
  evaluateShapes(graph, Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape])));
  const inputs = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  return { request: { kind: 'run', inputs }, transfer: buffersOf(inputs) };
}
