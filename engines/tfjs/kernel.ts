import type * as tfjs from '@tensorflow/tfjs-core';
import { LowformerError } from '../../core/errors.js';
import type { GraphNode } from '../../graph/graph.js';
import type { OperationAttributes, OperationName } from '../../graph/operations/index.js';

/** The functions of TensorFlow.js, from whichever package brought the backend. */
export type TensorFlow = typeof tfjs;

/**
 * A value of the graph while it runs: a map as [N, H, W, C], a vector as [N, C]. Channels come last because that is how
 * every backend of TensorFlow.js convolves; some know no other order.
 */
export type TfTensor = tfjs.Tensor;

export interface KernelContext<Name extends OperationName> {
  readonly tf: TensorFlow;
  readonly attributes: OperationAttributes[Name];
  readonly node: GraphNode<Name>;
  /** A parameter as it stands in the state_dict. Only while the kernel is made. */
  readonly parameter: (role: string) => TfTensor;
  /** Keeps what `make` lays out until the network is disposed; its intermediate results are freed. */
  readonly keep: <T extends TfTensor>(make: () => T) => T;
}

/**
 * An operation in TensorFlow.js: called once for a node to lay its weights out, then for each run. A run gives a new
 * tensor; what it makes on the way is freed by the interpreter. Only operations that every backend has, and that have
 * gradients.
 */
export type TfjsKernel<Name extends OperationName> = (
  context: KernelContext<Name>,
) => (inputs: readonly TfTensor[]) => TfTensor;

/** The bias of a convolution or a linear layer, kept as it stands; undefined where it has none. */
export function keptBias({
  tf,
  attributes,
  parameter,
  keep,
}: Pick<KernelContext<'linear'>, 'tf' | 'attributes' | 'parameter' | 'keep'>): TfTensor | undefined {
  return attributes.bias ? keep(() => tf.clone(parameter('bias'))) : undefined;
}

/** A kernel's input as a map [N, H, W, C]. */
export function mapInput(inputs: readonly TfTensor[], index = 0): tfjs.Tensor4D {
  const x = inputs[index];
  if (x === undefined || !isOfRank4(x)) throw wrongRank('a map [N, H, W, C]', x);
  return x;
}

/** A kernel's input whatever its rank. */
export function anyInput(inputs: readonly TfTensor[], index = 0): TfTensor {
  const x = inputs[index];
  if (x === undefined) throw wrongRank('a tensor', x);
  return x;
}

function isOfRank4(x: TfTensor): x is tfjs.Tensor4D {
  return x.rank === 4;
}

function wrongRank(expected: string, x: TfTensor | undefined): LowformerError {
  return new LowformerError({ code: 'invalid-graph', where: 'tfjs', expected, received: x?.shape });
}
