/** Runs a graph node by node in TensorFlow.js. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { LowformerError } from '../../core/errors.js';
import type { Tensor, Tensors } from '../../core/tensor.js';
import { type AnyNode, countUses, type Graph, type GraphNode } from '../../graph/graph.js';
import type { OperationName } from '../../graph/operations/index.js';
import type { Value } from '../../graph/value.js';
import type { OpenedBackend } from './backends.js';
import type { TensorFlow, TfjsKernel, TfTensor } from './kernel.js';
import type { TfjsKernels } from './kernels/index.js';

type Run = ReturnType<TfjsKernel<OperationName>>;
type KernelTable = Partial<TfjsKernels<OperationName>>;

/** A network on a backend of TensorFlow.js. Its weights stay there until it is disposed. */
export interface Interpreter extends Disposable {
  /**
   * Lays out the weights of a node and of those that share its kernel, from their values by role. Parameters that are fed
   * come with every run instead.
   */
  load(node: AnyNode, values: Tensors): void;
  /**
   * Named NCHW tensors in and out. Between two calls nothing but the weights is held.
   * @throws whatever the backend throws, after freeing everything.
   */
  run(inputs: Tensors): Promise<Tensors>;
}

/**
 * Nodes with the same key run the same kernel: a head that goes over five levels has its weights once.
 * Every node of a key is to be found by the first of them.
 */
export function kernelKey({ operation, attributes, parameters, inputs, output }: AnyNode): string {
  const kinds = inputs.map(({ kind, channels }) => [kind, channels]);
  return JSON.stringify([operation, attributes, parameters, kinds, output.kind]);
}

/**
 * An interpreter without weights: give it those of each node before the first run.
 * @param table `kernelsFor` the graph.
 */
export function createInterpreter({ tf, takeFailures }: OpenedBackend, graph: Graph, table: KernelTable): Interpreter {
  const kernels = new Map<string, Run>();
  const weights: TfTensor[] = [];
  const uses = countUses(graph);
  const keys = graph.nodes.map(kernelKey);
  /** What a node whose weights come with every run has of its own. */
  const held = new Map<string, ReadonlyMap<string, TfTensor>>();

  const keep = <T extends TfTensor>(make: () => T): T => {
    const kept = tf.keep(tf.tidy(make));
    weights.push(kept);
    return kept;
  };

  /** The graph's outputs; every other value is freed after its last use. */
  function runNodes(inputs: Tensors): Readonly<Record<string, TfTensor>> {
    const values = new Map<number, TfTensor>();
    const left = new Map(uses);
    const read = (id: number): TfTensor => {
      const value = values.get(id);
      if (value === undefined) throw missing(`value ${id}`);
      return value;
    };
    const release = (id: number): void => {
      const count = (left.get(id) ?? 0) - 1;
      left.set(id, count);
      if (count > 0) return;
      values.get(id)?.dispose();
      values.delete(id);
    };
    for (const { name, value } of graph.inputs) {
      const given = inputs[name];
      if (given === undefined) throw missing(`input '${name}'`);
      values.set(
        value.id,
        tf.tidy(() => channelsLast(tf, given, value)),
      );
    }
    for (const [i, node] of graph.nodes.entries()) {
      const kernel = kernels.get(keys[i] ?? '');
      const own = held.get(keys[i] ?? '');
      if (kernel === undefined && own === undefined) throw missing(`${node.operation} in '${node.scope}'`);
      const sources = node.inputs.map(({ id }) => read(id));
      values.set(
        node.output.id,
        tf.tidy(() => (kernel ?? fedKernel(node, own ?? new Map(), inputs))(sources)),
      );
      for (const { id } of node.inputs) release(id);
      if (!uses.has(node.output.id)) release(node.output.id);
    }
    return Object.fromEntries(
      graph.outputs.map(({ name, value }) => [name, tf.tidy(() => channelsFirst(tf, read(value.id), value))]),
    );
  }

  /** A kernel for one run, laid out from the weights that came with it. */
  function fedKernel(node: AnyNode, own: ReadonlyMap<string, TfTensor>, inputs: Tensors): Run {
    const weightOf = (role: string): TfTensor => {
      const name = node.parameters[role];
      const given = own.get(role) ?? (name === undefined ? undefined : inputs[name]);
      if (given === undefined) throw missing(`'${role}' of ${node.operation} in '${node.scope}'`);
      return 'rank' in given ? given : tf.tensor(given.data, [...given.shape], 'float32');
    };
    return kernelOf(tf, table, node, weightOf, (make) => make());
  }

  const throwFailure = (): void => {
    const [failed] = takeFailures();
    if (failed !== undefined) throw new Error(failed);
  };

  return {
    load(node, values) {
      const key = kernelKey(node);
      if (kernels.has(key) || held.has(key)) return;
      takeFailures();
      if (hasFedParameters(graph, node)) {
        const own = Object.entries(values).map(
          ([role, { data, shape }]) => [role, keep(() => tf.tensor(data, [...shape], 'float32'))] as const,
        );
        held.set(key, new Map(own));
      } else {
        const weightOf = (role: string): TfTensor => {
          const value = values[role];
          if (value === undefined) throw missing(`'${role}' of ${node.operation} in '${node.scope}'`);
          return tf.tensor(value.data, [...value.shape], 'float32');
        };
        tf.tidy(() => {
          kernels.set(key, kernelOf(tf, table, node, weightOf, keep));
        });
      }
      throwFailure();
    },
    async run(inputs) {
      takeFailures();
      const outputs = tf.tidy(() => runNodes(inputs));
      try {
        const read = Object.entries(outputs).map(
          async ([name, output]) => [name, await valuesOf(output)] satisfies [string, Tensor],
        );
        const results = Object.fromEntries(await Promise.all(read));
        throwFailure();
        return results;
      } finally {
        tf.dispose(outputs);
      }
    },
    [Symbol.dispose]: () => {
      tf.dispose(weights.splice(0));
      kernels.clear();
      held.clear();
    },
  };
}

function kernelOf<Name extends OperationName>(
  tf: TensorFlow,
  table: KernelTable,
  node: GraphNode<Name> | AnyNode,
  parameter: (role: string) => TfTensor,
  keep: <T extends TfTensor>(make: () => T) => T,
): Run {
  const { operation, attributes, ...rest } = node as GraphNode<Name>;
  const kernel: TfjsKernel<Name> | undefined = table[operation];
  if (kernel === undefined) throw missing(`a kernel of ${operation}`);
  return kernel({ tf, attributes, node: { operation, attributes, ...rest }, keep, parameter });
}

/** Whether a weight of a node comes with every run. */
export function hasFedParameters({ parameters }: Graph, node: AnyNode): boolean {
  return Object.values(node.parameters).some((name) => parameters.get(name)?.fed);
}

/** [N, C, H, W] to [N, H, W, C]; a vector or a weight as it is. */
function channelsLast(tf: TensorFlow, { shape, data }: Tensor, { kind }: Value): TfTensor {
  const x = tf.tensor(data, [...shape], 'float32');
  return kind === 'map' ? tf.transpose(x, [0, 2, 3, 1]) : x;
}

/** [N, H, W, C] to [N, C, H, W]; a vector or a weight as it is, but a tensor of its own. */
function channelsFirst(tf: TensorFlow, x: TfTensor, { kind }: Value): TfTensor {
  return kind === 'map' ? tf.transpose(x, [0, 3, 1, 2]) : tf.clone(x);
}

async function valuesOf(x: tfjs.Tensor): Promise<Tensor> {
  const data = await x.data();
  // A backend may hand out its own memory, which the next run writes to.
  return { shape: x.shape, data: Float32Array.from(data) };
}

function missing(what: string): LowformerError {
  return new LowformerError({ code: 'engine-failure', where: 'tfjs', expected: `${what} to be there` });
}
