/** Runs a graph in TensorFlow.js in this process: the numbers of the kernels alone, without the engine's thread. */
import type { Tensors } from '../../../core/tensor.js';
import { type OpenedBackend, openBackend } from '../../../engines/tfjs/backends.js';
import { createInterpreter, type Interpreter } from '../../../engines/tfjs/interpreter.js';
import { kernelsFor } from '../../../engines/tfjs/kernels/index.js';
import type { Network } from '../../../graph/graph.js';

let opened: Promise<OpenedBackend> | undefined;

/** The device that the tests are for: `cpu`, unless LOWFORMER_TEST_DEVICE names another. */
export const DEVICE = process.env.LOWFORMER_TEST_DEVICE ?? 'cpu';

/** One backend for a test file; LOWFORMER_TEST_BACKEND says which it must be. */
export function backend(): Promise<OpenedBackend> {
  opened ??= openBackend(DEVICE).then((found) => {
    const { LOWFORMER_TEST_BACKEND: wanted = found.name } = process.env;
    if (wanted !== found.name) throw new Error(`the backend is ${found.name}, not ${wanted}`);
    return found;
  });
  return opened;
}

/** A network with its weights laid out. Dispose of it. */
export async function interpreterOf({ graph, parameters }: Network): Promise<Interpreter> {
  const interpreter = createInterpreter(await backend(), graph, await kernelsFor(graph));
  for (const node of graph.nodes) {
    const values = Object.entries(node.parameters)
      .filter(([, name]) => !graph.parameters.get(name)?.fed)
      .map(([role, name]) => [role, parameters(name)]);
    interpreter.load(node, Object.fromEntries(values));
  }
  return interpreter;
}

/** One run, after which nothing is held. */
export async function runTfjs(network: Network, inputs: Tensors): Promise<Tensors> {
  using interpreter = await interpreterOf(network);
  return await interpreter.run(inputs);
}
